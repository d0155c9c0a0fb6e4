"""`evenfleet plan CITY`: tonight's bikes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.table import Table
from rich.text import Text

from optimiser.basics.errors import InvalidInput
from optimiser.basics.limits import SolveLimits
from optimiser.reporting.battery_charging import battery_document, battery_line, left_sentences
from optimiser.reporting.key_figures import KeyFigures, figure_rows, key_figures
from optimiser.reporting.night import Night
from optimiser.reporting.wishes import left_undone, must_do, zone_outcomes, zones_missed
from optimiser.reporting.words import targets_in_words
from scenarios.loader import LoadedCity, load_city
from service.cli.files import PLANS, try_folder, write_all
from service.cli.terminal import (
    MUST_DO_LEFT,
    ProgressView,
    data,
    stop_on_interrupt,
    talk,
    tell,
    tell_warnings,
    told_errors,
)
from service.planner import PlannedNight, plan_city
from service.settings import Settings

VAN_CO2_KG_KM = 0.25
"""An assumption, about what a diesel van emits."""

CityArgument = Annotated[str, typer.Argument(help="A bundled city (see `evenfleet city list`) or a city folder.")]
AsOf = Annotated[
    str | None, typer.Option(help="Plan as of this moment, RFC 3339 or the city's local time; default: the snapshot's.")
]
Seconds = Annotated[float, typer.Option(min=0.1, max=86_400, help="How long to search.")]
Rounds = Annotated[
    int | None,
    typer.Option(min=1, help="Search exactly so many steps instead: repeatable on any machine."),
]
Gap = Annotated[float, typer.Option(min=0, max=0.99, help="Stop at this relative gap, 0.02 = 2 %.")]
Seed = Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Another seed, another search.")]
Output = Annotated[Path | None, typer.Option(help="Folder for the files; default: plans/CITY-DATE.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the key figures as JSON.")]


def plan(
    city: CityArgument,
    *,
    as_of: AsOf = None,
    seconds: Seconds = 30.0,
    rounds: Rounds = None,
    gap: Gap = 0.0,
    seed: Seed = 1,
    output: Output = None,
    as_json: AsJson = False,
    with_cars: Annotated[bool, typer.Option("--all", help="Plan the city's e-cars as well, and sum up both.")] = False,
    van_co2: Annotated[
        float, typer.Option(min=0, max=5, help="With --all: kg of CO2 for each kilometre of a van.")
    ] = VAN_CO2_KG_KM,
) -> None:
    """
    Plan tonight's rebalancing of bikes and write plan, routes, route sheet, what is left out, and a map page.

    Ends with 3 where must-do work is left undone; the files are written all the same.
    """
    limits = SolveLimits(seconds=None if rounds else seconds, rounds=rounds, gap=gap, seed=seed)
    with told_errors():
        try_folder(output or PLANS)
    if with_cars:
        from service.cli.whole_night import plan_all

        with told_errors():
            is_left = plan_all(city, limits, as_of=as_of, output=output, van_co2_kg_km=van_co2, as_json=as_json)
        if is_left:
            raise typer.Exit(MUST_DO_LEFT)
        return
    with told_errors():
        loaded = load_city(city)
        planned = search(loaded, limits, as_of=moment(as_of, loaded.city.time_zone))
        folder = output or PLANS / f"{loaded.city.id}-{planned.night.local_time(0):%Y-%m-%d}"
        paths = write_files(planned, folder)
        show(planned.night, paths, as_json=as_json)
        tell_wishes(planned.night)
    if left_undone(planned.night):
        raise typer.Exit(MUST_DO_LEFT)


def moment(text: str | None, time_zone: str) -> datetime | None:
    """An RFC 3339 time, or one without offset in the city's time zone."""
    if text is None:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"--as-of: {text!r} is not a time; write it like 2026-11-22T21:00:00+01:00") from None
    return read if read.tzinfo else read.replace(tzinfo=ZoneInfo(time_zone))


def search(loaded: LoadedCity, limits: SolveLimits, *, as_of: datetime | None = None) -> PlannedNight:
    """Plan with progress on the terminal; Ctrl-C keeps the best plan so far."""
    city = loaded.city
    talk.print(Text(f"{city.name}: {len(city.stations)} stations, {len(city.vans)} vans"))
    with stop_on_interrupt() as asked, ProgressView(unit=city.currency, limit_s=limits.seconds) as view:
        planned = plan_city(
            loaded,
            limits,
            cache_dir=Settings().cache_dir,
            as_of=as_of,
            on_progress=view,
            should_stop=asked,
            on_message=tell,
        )
    tell_warnings(planned.night.warnings)
    return planned


def tell_wishes(night: Night) -> None:
    """A line for each piece of must-do work that is left, and for each zone that is missed."""
    for sentence in left_undone(night):
        tell(f"must-do work left: {sentence}")
    for sentence in zones_missed(night):
        tell(f"missed: {sentence}")
    for sentence in left_sentences(night):
        tell(sentence)


def write_files(planned: PlannedNight, folder: Path) -> list[Path]:
    """Write the night's files; returns their paths."""
    return write_all(planned.files(), folder)


def show(night: Night, paths: list[Path], *, as_json: bool) -> None:
    """Key figures and paths on stdout: tables for people, one JSON document for machines."""
    if as_json:
        typer.echo(json.dumps(_summary(night, paths), allow_nan=False, indent=2))
        return
    figures = key_figures(night)
    currency = night.city.currency
    before_after = Table(
        title=Text(f"{night.city.name}, night of {night.local_time(0):%d %B %Y}"), title_justify="left"
    )
    for heading in ("", "before", "after"):
        before_after.add_column(heading, justify="left" if not heading else "right")
    for row in figure_rows(figures, currency=currency):
        before_after.add_row(row.label, f"{row.before:,.{row.digits}f}", f"{row.after:,.{row.digits}f}")
    data.print(before_after)

    work, result = figures.work, night.result
    facts = Table(box=None, show_header=False, pad_edge=False)
    for label, value in (
        ("Vans, stops, bikes moved", f"{work.vans_used}, {work.stops}, {work.bikes_moved}"),
        *_made_ready(figures),
        *((("Batteries charged", charged),) if (charged := battery_line(night)) else ()),
        ("Driven, at work", f"{work.driven_km:,.1f} km, {work.van_hours:,.1f} van hours"),
        ("Lost trips avoided", f"{work.lost_trips_avoided:,.1f}"),
        (
            "Cost of simply going on" if night.revision else "Cost of doing nothing",
            f"{work.total_cost_before:,.2f} {currency}",
        ),
        ("Cost with this plan", f"{result.objective:,.2f} {currency}, saves {work.total_saved:,.2f}"),
        ("No plan can cost less than", f"{result.best_bound:,.2f} {currency}, gap {result.gap:.1%}"),
        ("Search", f"{result.elapsed_s:.1f} s, {result.stop_reason}, {result.engine}, seed {result.seed}"),
        ("Targets", targets_in_words(night)),
        ("Travel times", night.problem.travel.label),
        *(("Made up, not measured", sentence) for sentence in night.city.synthetic),
        *(("Data", name) for name in night.city.attribution),
    ):
        facts.add_row(f"{label}  ", Text(value))
    data.print(facts)
    data.print("Files:")
    for path in paths:
        data.print(Text(f"  {path}"), soft_wrap=True)


def _made_ready(figures: KeyFigures) -> Iterator[tuple[str, str]]:
    """Work on low-charge and broken bikes, where there is any."""
    work = figures.work
    numbers = (work.batteries_swapped, work.low_charge_picked_up, work.broken_picked_up)
    if any(numbers):
        yield "Swapped, low-charge and broken taken", ", ".join(map(str, numbers))


def _charged(night: Night) -> dict[str, Any]:
    """Sums over the depots, where packs are charged."""
    told = battery_document(night).get("battery_charging")
    return {} if told is None else {"battery_charging": {name: told[name] for name in ("planned", "at_once", "saved")}}


def _summary(night: Night, paths: list[Path]) -> dict[str, Any]:
    result = night.result
    return {
        "city": night.city.id,
        "objective": result.objective,
        "best_bound": result.best_bound,
        "gap": result.gap,
        "stop_reason": result.stop_reason,
        "seed": result.seed,
        "engine": result.engine,
        "input_hash": result.input_hash,
        "targets": {source.value: count for source, count in night.target_sources.items()},
        "kpis": key_figures(night).as_document(),
        **_charged(night),
        "must_do_left": [entry.as_document() for entry in must_do(night) if entry.is_open],
        "zones_missed": [zone.as_document() for zone in zone_outcomes(night) if zone.is_missed],
        "warnings": [asdict(finding) for finding in night.warnings],
        "files": [str(path) for path in paths],
    }
