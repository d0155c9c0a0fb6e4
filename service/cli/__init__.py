"""The command `evenfleet`: data on stdout, talk on stderr; exit 0 ok, 1 failed, 2 usage, 3 must-do work left."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from service.cli import (
    backtest,
    backup,
    benchmark,
    city,
    demo,
    doctor,
    key,
    plan,
    record,
    relocate,
    revise,
    serve,
    site,
)
from service.cli.commands import Commands

app = Commands(
    name="evenfleet",
    epilog="Try: evenfleet demo",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo.demo)
app.command()(plan.plan)
app.command()(revise.revise)
app.command()(relocate.relocate)
app.command()(site.site)
app.command()(backtest.backtest)
app.command()(benchmark.benchmark)
app.add_typer(city.app, name="city")
app.command()(record.record)
app.command()(serve.serve)
app.add_typer(key.app, name="key")
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(doctor.doctor)
app.command()(doctor.warm_up)


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"evenfleet {version('evenfleet')}")
        raise typer.Exit


@app.callback()
def evenfleet(
    _version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_tell_version, help="Print it.")
    ] = False,
) -> None:
    """Plan an e-mobility sharing fleet overnight, over the city's own streets."""


def main() -> None:
    """Run the command line."""
    app()
