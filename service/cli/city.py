"""`evenfleet city new | check | list`: make a city folder, look one over, see which are bundled."""

from __future__ import annotations

import dataclasses
import json
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from optimiser.basics.finding import Finding, Severity
from optimiser.network.osmnx_graphs import fetch_place
from scenarios.creation import CreatedCity, Wishes, create_city
from scenarios.loader import LoadedCity, list_cities, load_city
from scenarios.looking import look_over
from service.cli.commands import Commands
from service.cli.terminal import FAILED, data, talk, tell, tell_findings, tell_warnings, told_errors
from service.feeds import fetch_gbfs, is_url, users_connector
from service.settings import Settings

app = Commands(name="city", help="City folders: make one, check one, list the bundled ones.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
CityArgument = Annotated[str, typer.Argument(help="A bundled city or a city folder.")]


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.")],
    *,
    gbfs: Annotated[str, typer.Option(help="Folder of GBFS or CSV files, or the URL of a feed's gbfs.json.")],
    streets: Annotated[
        Path | None, typer.Option(help="Street extract: .osm.pbf, .osm, .osm.gz, .osm.bz2 or .graphml.")
    ] = None,
    place: Annotated[
        str | None,
        typer.Option(help="Instead of a file: fetch the streets of this place, e.g. 'Piedmont, California'."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="The city's name; default: the feed's, else the folder's.")] = None,
    time_zone: Annotated[
        str | None, typer.Option(help="IANA name like Europe/Oslo; default: the feed's, else by place.")
    ] = None,
    currency: Annotated[str | None, typer.Option(help="ISO 4217 code like NOK; default: EUR.")] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            help="When a CSV status was taken, with offset; default: the file's date.",
            parser=datetime.fromisoformat,
            metavar="TIME",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that is not empty.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a city folder that can be planned at once; what nobody said is assumed and marked in city.toml."""
    if (streets is None) == (place is None):
        raise typer.BadParameter("give a street file, or with --place the name of a place", param_hint="--streets")
    wishes = Wishes(name=name, time_zone=time_zone, currency=currency, as_of=as_of)
    with told_errors(), tempfile.TemporaryDirectory() as scratch:
        source = Path(gbfs)
        if is_url(gbfs):
            source = Path(scratch) / "feed"
            source.mkdir()
            fetch_gbfs(gbfs, source, users_connector(gbfs, Settings().allow_hosts))
        if place is not None:
            streets = Path(scratch) / "streets.graphml"
            fetch_place(place, streets)
        assert streets is not None
        created = create_city(
            folder,
            source,
            streets=streets,
            today=datetime.now().astimezone().date(),
            wishes=wishes,
            force=force,
            feed_origin=gbfs if is_url(gbfs) else None,
            cache_dir=Settings().cache_dir,
        )
    tell_warnings(created.warnings)
    _show_created(created, as_json=as_json)


@app.command()
def check(city: CityArgument, *, as_json: AsJson = False) -> None:
    """List every error and warning of a city, its streets included; exit 1 when there is an error."""
    findings = look_over(city, cache_dir=Settings().cache_dir, on_message=tell)
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    warnings = [finding for finding in findings if finding.severity is Severity.WARNING]
    if as_json:
        typer.echo(json.dumps({"errors": _plain(errors), "warnings": _plain(warnings)}, indent=2, ensure_ascii=False))
    else:
        tell_findings(errors, style="red")
        tell_findings(warnings)
        data.print(Text(f"{city}: errors {len(errors)}, warnings {len(warnings)}"), soft_wrap=True)
    if errors:
        raise typer.Exit(FAILED)


@app.command("list")
def list_bundled(*, as_json: AsJson = False) -> None:
    """The bundled cities."""
    cities = [(name, load_city(name)) for name in list_cities()]
    if as_json:
        typer.echo(json.dumps([_summary(name, loaded) for name, loaded in cities], indent=2, ensure_ascii=False))
        return
    for name, loaded in cities:
        row = _summary(name, loaded)
        figures = f"{row['stations']} stations, {row['bikes']} bikes, {row['vans']} vans, {row['travel']}"
        data.print(Text.assemble((name, "bold"), f"  {row['name']}: {figures}"), soft_wrap=True)
        for sentence in row["synthetic"]:
            data.print(Text(f"    made up: {sentence}"), soft_wrap=True)


def _show_created(created: CreatedCity, *, as_json: bool) -> None:
    summary = _summary(str(created.folder), created.loaded) | {"assumed": created.assumed}
    if as_json:
        typer.echo(json.dumps(summary | {"warnings": _plain(created.warnings)}, indent=2, ensure_ascii=False))
        return
    data.print(
        Text(
            f"{created.folder}: {summary['name']}, {summary['stations']} stations, {summary['bikes']} bikes, "
            f"{summary['vans']} vans"
        ),
        soft_wrap=True,
    )
    for text in created.assumed:
        talk.print(Text(f"  assumed: {text}"))
    talk.print(Text(f"Next: evenfleet plan {created.folder}"), soft_wrap=True)


def _summary(name: str, loaded: LoadedCity) -> dict[str, Any]:
    return {
        "id": name,
        "name": loaded.city.name,
        "stations": len(loaded.city.stations),
        "bikes": sum(status.bikes for status in loaded.snapshot.stations),
        "vans": len(loaded.city.vans),
        "as_of": loaded.snapshot.as_of.isoformat(),
        "travel": "streets" if isinstance(loaded.streets, Path) else "straight line",
        "synthetic": list(loaded.city.synthetic),
        "attribution": list(loaded.city.attribution),
    }


def _plain(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    return [dataclasses.asdict(finding) for finding in findings]
