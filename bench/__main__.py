"""``make bench``: every benchmark, as ratios against a floor in the same run; exit 1 when one misses its target."""

from __future__ import annotations

import sys

from bench import relay, soap_layer, whole_call
from tests import postgres


def main() -> int:
    """Print all ratios."""
    missed = 0
    print("SOAP layer over parse, validate, walk and a prepared answer (CPU time)")
    for ratio in soap_layer.measure():
        missed += ratio.show()
    print("\nwhole saveAndConfirm with its commit over the same parse and the same SQL by hand (CPU time)")
    for backend, ratio in whole_call.measure():
        missed += ratio.show(backend)
    print("\nrelay over posting prepared bytes with the same session, messages a second (at least 0.5)")
    with postgres.server() as server:
        url = postgres.new_database(server)
        missed += relay.main(["--postgres", postgres.url_text(url), "--messages", "4000"])
        postgres.drop_database(url)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
