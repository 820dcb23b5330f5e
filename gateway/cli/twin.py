"""``gateway twin``."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.output import say

PATH = "/InvAdjustPublishingBean/InvAdjustPublishingService"


@click.command("twin")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--port", type=click.IntRange(1, 65535), default=8090, show_default=True, help="Port to listen on.")
@click.option(
    "--journal",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Append one JSON line per received message to this file.",
)
def command(host: str, port: int, journal: Path | None) -> None:
    """Run the twin merchandising system, to try the gateway against."""
    from gateway.twin.server import serve

    say(f"twin merchandising system: http://{host}:{port}{PATH}")
    serve(port, journal, host)
