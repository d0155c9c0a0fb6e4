"""`evenfleet relocate CITY`: tonight's e-cars."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.table import Table
from rich.text import Text

from optimiser.basics.car_fleet import WishSource
from optimiser.basics.limits import SolveLimits
from scenarios.relocation.loader import LoadedFleet, load_fleet
from service.cli.files import PLANS, try_folder, write_all
from service.cli.plan import AsJson, AsOf, CityArgument, Gap, Output, Rounds, Seconds, Seed, moment
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
from service.relocator import RelocatedNight, relocate_fleet
from service.settings import Settings

if TYPE_CHECKING:
    from optimiser.reporting.relocation_figures import CarFigures
    from optimiser.reporting.relocation_night import RelocationNight

WISHES = {
    WishSource.TARGET: "given intervals",
    WishSource.RATES: "rentals and returns per hour",
    WishSource.DEFAULT: "default: one ready car, one bay free",
    WishSource.HUB: "nobody rents",
}

ROWS = (
    ("Expected lost trips", "lost_trips", 1),
    ("Ready cars", "ready_cars", 0),
    ("Stations without a ready car", "stations_without_a_ready_car", 0),
    ("Charged, kWh", "charged_kwh", 1),
    ("CO2 of that, kg", "co2_kg", 1),
)
"""Key figures before and after, and their digits."""


def relocate(
    city: CityArgument,
    *,
    as_of: AsOf = None,
    seconds: Seconds = 30.0,
    rounds: Rounds = None,
    gap: Gap = 0.0,
    seed: Seed = 1,
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """
    Plan tonight's relocation and charging of e-cars and write plan, routes, sheets of drivers, and a map page.

    Ends with 3 where must-do work is left undone; the files are written all the same.
    """
    with told_errors():
        try_folder(output or PLANS)
        loaded = load_fleet(city)
        limits = SolveLimits(seconds=None if rounds else seconds, rounds=rounds, gap=gap, seed=seed)
        planned = search(loaded, limits, as_of=moment(as_of, loaded.fleet.time_zone))
        night = planned.night
        folder = output or PLANS / f"{loaded.fleet.id}-cars-{night.local_time(0):%Y-%m-%d}"
        paths = write_all(planned.files(), folder)
        show(night, paths, as_json=as_json)
        left = left_undone(night)
        for sentence in left:
            tell(f"must-do work left: {sentence}")
    if left:
        raise typer.Exit(MUST_DO_LEFT)


def search(loaded: LoadedFleet, limits: SolveLimits, *, as_of: datetime | None = None) -> RelocatedNight:
    """Plan with progress on the terminal; Ctrl-C keeps the best plan so far."""
    fleet = loaded.fleet
    plugs = sum(len(station.plugs) for station in fleet.stations)
    counts = f"{len(fleet.cars)} cars, {len(fleet.stations)} stations, {plugs} plugs, {len(fleet.drivers)} drivers"
    talk.print(Text(f"{fleet.name}: {counts}"))
    with stop_on_interrupt() as asked, ProgressView(unit=fleet.currency, limit_s=limits.seconds) as view:
        planned = relocate_fleet(
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


def left_undone(night: RelocationNight) -> list[str]:
    """A sentence for each car that is not where it must be, or lacks what it must have."""
    from optimiser.relocation.cost import unserved_musts

    left = [
        f"car {item.car_id}"
        + (" is not at a station where it must be" if item.misplaced else "")
        + (" and" if item.misplaced and item.missing_kwh else "")
        + (f" lacks {item.missing_kwh:.1f} kWh" if item.missing_kwh else "")
        for item in unserved_musts(night.problem, night.timeline)
    ]
    left += [
        f"car {must.car_id} takes no part tonight"
        for must in night.fleet.musts
        if must.car_id not in {planned.car_id for planned in night.problem.musts}
    ]
    return left


def show(night: RelocationNight, paths: list[Path], *, as_json: bool) -> None:
    """Key figures and paths on stdout: tables for people, one JSON document for machines."""
    from optimiser.reporting.relocation_figures import car_figures

    before, after = (car_figures(night.problem, timeline) for timeline in (night.timeline_before, night.timeline))
    if as_json:
        typer.echo(json.dumps(_summary(night, before, after, paths), allow_nan=False, indent=2))
        return
    currency, result = night.fleet.currency, night.result
    table = Table(
        title=Text(f"{night.fleet.name}, cars in the night of {night.local_time(0):%d %B %Y}"), title_justify="left"
    )
    for heading in ("", "before", "after"):
        table.add_column(heading, justify="left" if not heading else "right")
    for label, name, digits in ROWS:
        table.add_row(label, *(f"{getattr(figures, name):,.{digits}f}" for figures in (before, after)))
    data.print(table)
    saved = night.cost_before.total - night.cost_after.total
    smart = night.cost_plain.total - night.cost_after.total
    facts = Table(box=None, show_header=False, pad_edge=False)
    for label, value in (
        ("Drivers, jobs, cars moved", f"{after.drivers}, {after.jobs}, {after.cars_moved}"),
        ("Driven, ridden, at work", f"{after.car_km:.1f} km, {after.ride_km:.1f} km, {after.driver_hours:.1f} h"),
        ("Cost of doing nothing", f"{night.cost_before.total:,.2f} {currency}"),
        ("Cost with this plan", f"{result.objective:,.2f} {currency}, saves {saved:,.2f}"),
        ("Less than if all charged at once", f"{smart:,.2f} {currency}"),
        ("No plan can cost less than", f"{result.best_bound:,.2f} {currency}, gap {result.gap:.1%}"),
        ("Search", f"{result.elapsed_s:.1f} s, {result.stop_reason}, {result.engine}, seed {result.seed}"),
        ("Wanted at opening", wishes_in_words(night)),
        ("Tariff and CO2", night.fleet.grid.source),
        ("Travel times", night.problem.drive.label),
        *((f"Between cars: {mode.name}", mode.travel.label) for mode in night.problem.modes),
        *(("Made up, not measured", sentence) for sentence in night.fleet.synthetic),
        *(("Data", name) for name in night.fleet.attribution),
    ):
        facts.add_row(f"{label}  ", Text(value))
    data.print(facts)
    data.print("Files:")
    for path in paths:
        data.print(Text(f"  {path}"), soft_wrap=True)


def wishes_in_words(night: RelocationNight) -> str:
    """How many stations aim at what, and where that is from."""
    counts = ((source, count) for source, count in night.fleet.wish_sources.items() if count)
    return ", ".join(f"{WISHES[source]} at {count} stations" for source, count in counts)


def _summary(night: RelocationNight, before: CarFigures, after: CarFigures, paths: list[Path]) -> dict[str, Any]:
    result = night.result
    return {
        "city": night.fleet.id,
        "objective": result.objective,
        "best_bound": result.best_bound,
        "gap": result.gap,
        "stop_reason": result.stop_reason,
        "seed": result.seed,
        "engine": result.engine,
        "input_hash": result.input_hash,
        "wishes": {source.value: count for source, count in night.fleet.wish_sources.items()},
        "grid": night.fleet.grid.source,
        "synthetic": list(night.fleet.synthetic),
        "kpis": {"before": before.as_document(), "after": after.as_document()},
        "costs": {
            "before": asdict(night.cost_before),
            "after": asdict(night.cost_after),
            "plugged_and_charged": asdict(night.cost_plain),
        },
        "must_do_left": left_undone(night),
        "left_out": [asdict(item) for item in night.left_out],
        "warnings": [asdict(finding) for finding in night.warnings],
        "files": [str(path) for path in paths],
    }
