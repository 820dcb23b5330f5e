"""The console script ``gateway``, also as ``python -m gateway``."""

from __future__ import annotations

from gateway.cli.root import gateway


def main() -> None:
    """Run the command line and leave with its exit code."""
    gateway(prog_name="gateway")


if __name__ == "__main__":
    main()
