"""`evenfleet plan CITY --all`: bikes and e-cars of one night, and one sum of both."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.table import Table
from rich.text import Text

from optimiser.basics.limits import SolveLimits
from optimiser.reporting.wishes import left_undone, zones_missed
from scenarios.loader import load_city
from scenarios.relocation.loader import load_fleet
from service.cli import plan as bikes
from service.cli import relocate as cars
from service.cli.files import PLANS, write_all
from service.cli.terminal import data, tell

if TYPE_CHECKING:
    from optimiser.reporting.whole_night import WholeNight


def plan_all(
    city: str,
    limits: SolveLimits,
    *,
    as_of: str | None,
    output: Path | None,
    van_co2_kg_km: float,
    as_json: bool,
) -> bool:
    """
    Plan bikes, then cars, each with half of the time; whether must-do work is left undone.

    Files go into `bikes` and `cars` in one folder, their sum into `night.json` beside them.
    """
    from optimiser.reporting.document import to_json
    from optimiser.reporting.whole_night import whole_night

    # Both are read before anything is planned: a mistake in the cars is told before the bikes have taken their time.
    loaded, fleet = load_city(city), load_fleet(city)
    half = replace(limits, seconds=None if limits.seconds is None else limits.seconds / 2)
    night = bikes.search(loaded, half, as_of=bikes.moment(as_of, loaded.city.time_zone))
    relocated = cars.search(fleet, half, as_of=bikes.moment(as_of, fleet.fleet.time_zone))
    folder = output or PLANS / f"{loaded.city.id}-all-{night.night.local_time(0):%Y-%m-%d}"
    paths = bikes.write_files(night, folder / "bikes")
    paths += write_all(relocated.files(), folder / "cars")
    summed = whole_night(night.night, relocated.night, van_co2_kg_km=van_co2_kg_km)
    document = {
        "city": loaded.city.id,
        "night_start": {"bikes": night.night.local_time(0).isoformat(), "cars": relocated.night.time(0)},
        "currency": loaded.city.currency,
        "van_co2_kg_per_km": van_co2_kg_km,
        **summed.as_document(),
        "synthetic": sorted({*loaded.city.synthetic, *fleet.fleet.synthetic}),
        "attribution": sorted({*loaded.city.attribution, *fleet.fleet.attribution}),
    }
    paths += write_all({"night.json": to_json(document)}, folder)
    left = [*left_undone(night.night), *cars.left_undone(relocated.night)]
    show(summed, document, paths, as_json=as_json)
    for sentence in left:
        tell(f"must-do work left: {sentence}")
    for sentence in zones_missed(night.night):
        tell(f"missed: {sentence}")
    return bool(left)


def show(summed: WholeNight, document: dict[str, Any], paths: list[Path], *, as_json: bool) -> None:
    """The sum on stdout: a table for people, one JSON document for machines."""
    if as_json:
        typer.echo(json.dumps({**document, "files": [str(path) for path in paths]}, allow_nan=False, indent=2))
        return
    table = Table(title=Text(f"{document['city']}: bikes and e-cars in one night"), title_justify="left")
    for heading in ("", "doing nothing", "with the plans"):
        table.add_column(heading, justify="left" if not heading else "right")
    for label, (before, after), digits in (
        ("Lost trips, bikes", summed.lost_trips_bikes, 1),
        ("Lost trips, e-cars", summed.lost_trips_cars, 1),
        ("Hours, vans", (0.0, summed.hours_vans), 1),
        ("Hours, drivers of cars", (0.0, summed.hours_drivers), 1),
        ("km, vans", (0.0, summed.km_vans), 1),
        ("km, cars", (0.0, summed.km_cars), 1),
        ("kWh charged" if summed.packs_kwh is None else "kWh charged, cars and packs", summed.kwh, 1),
        ("kg CO2, charging and vans", summed.co2_kg, 1),
        (f"Cost, {document['currency']}", summed.cost, 2),
    ):
        table.add_row(label, f"{before:,.{digits}f}", f"{after:,.{digits}f}")
    data.print(table)
    data.print(f"Trips saved: {summed.trips_saved:,.1f}")
    data.print(f"CO2 of vans: {document['van_co2_kg_per_km']} kg for each km, an assumption (--van-co2)")
    for name in ("synthetic", "attribution"):
        for sentence in document[name]:
            data.print(Text(sentence))
    data.print("Files:")
    for path in paths:
        data.print(Text(f"  {path}"), soft_wrap=True)
