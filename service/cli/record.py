"""`evenfleet record CITY`: polls the city's feed into its `history/`, until it is stopped."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError
from rich.live import Live
from rich.text import Text

from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings
from scenarios.folder import CITY_FILE, read_city_file
from scenarios.loader import BUNDLED, find_folder
from scenarios.schema_fields import FeedAddress
from service.cli.terminal import FAILED, data, talk, tell, told_errors
from service.feeds import users_connector
from service.recording.history import open_history
from service.recording.poll import FeedReader
from service.recording.recorder import Clock, Pace, Told, Totals, as_document
from service.recording.recorder import record as poll_on
from service.recording.stopping import Stopping
from service.settings import Settings

CLOCK = Clock(now=lambda: datetime.now(UTC), steady_s=time.monotonic, sleep=time.sleep)


def record(
    city: Annotated[str, typer.Argument(help="A city folder of your own.")],
    *,
    gbfs: Annotated[
        str | None, typer.Option(help="Address of the feed's gbfs.json; default: the one in city.toml.")
    ] = None,
    every: Annotated[
        float, typer.Option(min=0, max=86_400, help="Seconds between polls at least, where the feed's ttl is shorter.")
    ] = 0.0,
    polls: Annotated[int | None, typer.Option(min=1, help="End after so many polls, failed ones included.")] = None,
    hours: Annotated[float | None, typer.Option(min=0, help="End after so many hours.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Record what every station holds, poll by poll, in the city's history/; Ctrl-C ends it."""
    totals, files, stopping = Totals(), set[Path](), Stopping()
    pace = Pace(every_s=every, polls=polls, hours=hours)
    with told_errors(), suppress(KeyboardInterrupt), stopping.on_signals():
        folder = own_folder(city)
        address = feed_address(folder, gbfs)
        with (
            open_history(folder / "history", today=CLOCK.now().date(), tell=tell, hold=stopping.put_off) as history,
            told_polls() as on_poll,
        ):
            files = history.written
            poll_on(
                FeedReader(users_connector(address, Settings().allow_hosts), address),
                history,
                pace=pace,
                clock=CLOCK,
                rng=random.Random(),  # noqa: S311 - spreads recorders over time, guards nothing
                totals=totals,
                on_poll=on_poll,
                hold=stopping.put_off,
            )
    _show(totals, files, as_json=as_json)
    if totals.failures == totals.polls and not stopping.asked:
        raise typer.Exit(FAILED)


def own_folder(city: str) -> Path:
    """The folder of a city that may be written into; the bundled ones may not."""
    folder = find_folder(city)
    if folder.resolve().is_relative_to(BUNDLED.resolve()):
        findings = Findings()
        findings.error(
            "bundled_city",
            f"{city} is a bundled city, and a recording needs a folder of your own",
            source="city",
            value=city,
            hint="make one with `evenfleet city new`",
        )
        findings.raise_errors("record")
    return folder


def feed_address(folder: Path, given: str | None) -> str:
    """Where the feed is: as given, else as `city.toml` says."""
    findings, source, where = Findings(), "--gbfs", ""
    value: object = given
    if given is None:
        source, where = CITY_FILE, "gbfs"
        value = (read_city_file(folder, findings) or {}).get("gbfs")
        findings.raise_errors("record")
    if value is None:
        hint = 'add gbfs = "https://…/gbfs.json", or give --gbfs'
        findings.error("feed_unknown", "does not say where the feed is", source=source, where=where, hint=hint)
    try:
        return TypeAdapter[str](FeedAddress).validate_python(value)
    except ValidationError as error:
        if value is not None:
            details = error.errors()[0]
            hint = details.get("ctx", {}).get("hint", "https://…/gbfs.json")
            findings.error(details["type"], details["msg"], source=source, where=where, value=str(value), hint=hint)
        raise InvalidInput("record", findings=findings.errors) from None


@contextmanager
def told_polls() -> Iterator[Callable[[Told], None]]:
    """One line for each poll; on a terminal those that went well take turns in one live line."""
    if not talk.is_terminal:
        yield lambda told: tell(_line(told))
        return
    with Live(Text("waiting for the first poll"), console=talk, auto_refresh=False, transient=True) as live:

        def show(told: Told) -> None:
            if told.failed:
                tell(_line(told))
            else:
                live.update(Text(_line(told)), refresh=True)

        yield show


def _line(told: Told) -> str:
    return f"{told.at:%H:%M:%S}Z  {told.text}"


def _show(totals: Totals, files: set[Path], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(as_document(totals, files), indent=2))
        return
    data.print(
        f"{totals.polls} polls: {totals.recorded} recorded, {totals.unchanged} unchanged, {totals.failures} failed; "
        f"{totals.rows} rows",
        soft_wrap=True,
    )
    for path in sorted(files):
        data.print(Text(f"  {path}"), soft_wrap=True)
