"""``gateway contract``."""

from __future__ import annotations

import click


@click.group("contract")
def command() -> None:
    """The WSDL and XSD files that are served."""


@command.command("build")
def build() -> None:
    """Make wsdl/ from xsd/ and the frames."""
    from gateway.formats.contract import SERVICES, write_wsdl

    for service in SERVICES:
        write_wsdl(service)
        click.echo(f"wrote {service}.wsdl")


@command.command("check")
def check() -> None:
    """Prove that xsd/, wsdl/ and the types of the services agree; exit 1 and the differences otherwise."""
    from gateway.formats.contract import check

    findings = check()
    for finding in findings:
        click.echo(finding)
    if findings:
        raise click.exceptions.Exit(1)
    click.echo("the contract agrees with itself")
