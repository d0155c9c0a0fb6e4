"""
Makes nights of e-cars over real streets: `python -m scenarios.benchmarks.relocation_generate FOLDER`.

Real: streets, one-ways and speeds of a bundled city, and so all seconds and metres. Made up from the seed: everything
else. The same arguments give the same file. The setting is that of the studies of relocation by folding bike in Milan
(Bruglieri, Colorni, Luè, arXiv 1307.7195; Bruglieri, Pezzella, Pisacane, arXiv 1504.02163): drivers ride to a car on a
bike that they take along in it, and cars have to be charged. Only their abstracts were read: no figure here is theirs.
All of them are assumptions, stated in `docs/relocation-benchmark.md`.
"""

from __future__ import annotations

import argparse
import csv
import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from statistics import median

from optimiser.network.geodesy import great_circle_m
from optimiser.network.profiles import PROFILES
from optimiser.network.streets import Streets, open_streets
from optimiser.network.travel import Place, TravelTimes
from optimiser.relocation.problem import (
    Break,
    Car,
    Charging,
    Driver,
    Grid,
    Handling,
    Mode,
    Must,
    Plug,
    Prices,
    Problem,
    Station,
    Task,
    Zone,
)
from scenarios.benchmarks.relocation_files import write_relocation

START = datetime(2026, 11, 23, 21, tzinfo=timezone(timedelta(hours=1)))
OPENING_S, SLOT_S = 9 * 3600, 1800
SHIFTS = ((3600, 6 * 3600), (int(3.5 * 3600), int(8.5 * 3600)))
"""22:00 to 03:00 and 00:30 to 05:30, in turn."""
TARIFF = ((22, 0.31), (24, 0.22), (29, 0.14), (30, 0.24))
"""Hour after midnight of the evening until which a kWh costs so many euros."""
CO2_KG = ((24, 0.26), (29, 0.19), (30, 0.23))
KINDS = ((22.0, 0.145, 7.4), (50.0, 0.17, 11.0))
"""Battery, kWh; use, kWh/km; power taken, kW: a city car and a compact one."""
SEASON = 1.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much there is of everything."""

    stations: int
    cars: int
    drivers: int
    tasks: int
    musts: int
    low_share: float = 3 / 8
    """Of cars, those below a third of their charge."""
    small_share: float = 0.4
    """Of cars, those of the city kind."""
    plug_share: float = 0.4
    """Of stations, those with plugs."""


SIZES = {
    "small": Size(stations=8, cars=12, drivers=2, tasks=2, musts=1),
    "crew": Size(stations=10, cars=15, drivers=3, tasks=2, musts=1),
    "medium": Size(stations=40, cars=100, drivers=5, tasks=8, musts=4),
    "large": Size(stations=150, cars=400, drivers=12, tasks=25, musts=10),
}
COMMITTED = (
    *(("small", "goteborg", seed) for seed in (1, 2)),
    *(("crew", "goteborg", seed) for seed in (1,)),
    *(("small", "paris-8e", seed) for seed in (1, 2)),
    *(("crew", "coquimbo", seed) for seed in (1,)),
    ("medium", "goteborg", 1),
)
"""Size, city and seed of the nights that come with evenfleet."""


def main() -> None:
    """Write the nights asked for, and a list of them."""
    parser = argparse.ArgumentParser(prog="python -m scenarios.benchmarks.relocation_generate", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--city", default=None, help="a bundled city or a folder with streets.osm.pbf")
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    chosen = parser.parse_args()
    asked = COMMITTED if chosen.city is None else [(chosen.size, chosen.city, seed) for seed in chosen.seeds]
    write_nights(chosen.folder, asked)


def write_nights(folder: Path, asked: list[tuple[str, str, int]] | tuple[tuple[str, str, int], ...]) -> None:
    """A file for each size, city and seed, and `cases.csv`."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for size, city, seed in asked:
        streets = streets_of_city(city)
        name = f"{Path(city).name}-{size}-{seed}"
        about = (
            f"Streets of {Path(city).name}, and so all times and lengths: © OpenStreetMap contributors, ODbL 1.0.",
            (
                f"Everything else is made up from seed {seed}, size {size}, "
                "by scenarios/benchmarks/relocation_generate.py."
            ),
        )
        problem = generate_night(streets, SIZES[size], seed=seed)
        write_relocation(folder / f"{name}.json", problem, about=about)
        rows.append((name, size, len(problem.stations), len(problem.cars), len(problem.drivers)))
    with (folder / "cases.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("instance", "size", "stations", "cars", "drivers"))
        table.writerows(rows)


def streets_of_city(city: str) -> dict[str, Streets]:
    """The streets of cars and of bikes, at night."""
    folder = Path(city) if Path(city).is_dir() else Path(__file__).parents[1] / city
    return {name: open_streets(folder / "streets.osm.pbf", profile=PROFILES[name]) for name in ("drive", "bike")}


def generate_night(streets: dict[str, Streets], size: Size, *, seed: int) -> Problem:
    """A night of a fleet whose cars stand where people work and are wanted where they live."""
    rng = random.Random(seed)  # noqa: S311 - a night is made up here, no secret
    points = _points(streets["drive"], size.stations + 1, rng)
    home = Place(id="base", lon=points[-1][0], lat=points[-1][1])
    stations, works = _stations(points[:-1], size, rng)
    places = [Place(id=station.id, lon=lon, lat=lat) for station, (lon, lat) in zip(stations, points[:-1], strict=True)]
    drive, bike = (_times(streets[name], [*places, home]) for name in ("drive", "bike"))
    cars = _cars(stations, works, size, rng)
    picked = rng.sample(range(size.cars), size.tasks + size.musts)
    return Problem(
        start=START,
        opening_s=OPENING_S,
        stations=tuple(stations),
        cars=cars,
        drivers=tuple(_driver(number, rng) for number in range(1, size.drivers + 1)),
        drive=drive,
        modes=(Mode(name="folding-bike", travel=bike, ride_s=60),),
        grid=_grid(),
        prices=Prices(
            lost_trip=9.0,
            driver_hour=30.0,
            driver_use=6.0,
            car_km=0.15,
            co2_kg=0.1,
            missing_kwh=0.4,
            must=20.0,
            zone_car=4.0,
        ),
        handling=Handling(),
        charging=Charging(),
        zones=(_zone(stations, works),),
        tasks=tuple(
            Task(id=f"clean-{cars[index].id}", car_id=cars[index].id, duration_s=60 * rng.randint(5, 15), price=15.0)
            for index in picked[: size.tasks]
        ),
        musts=tuple(
            Must(car_id=cars[index].id, energy_kwh=round(0.6 * cars[index].battery_kwh, 1))
            for index in picked[size.tasks :]
        ),
    )


def _points(streets: Streets, count: int, rng: random.Random) -> list[tuple[float, float]]:
    """Different points where a car may stop, lon and lat."""
    graph = streets.graph
    usable = [
        edge for edge in range(len(graph.point_start) - 1) if graph.can_stop[edge] and graph.point_start[edge + 1]
    ]
    points: dict[tuple[float, float], None] = {}
    while len(points) < count:
        edge = rng.choice(usable)
        point = rng.randrange(int(graph.point_start[edge]), int(graph.point_start[edge + 1]))
        points[round(float(graph.point_lon[point]), 7), round(float(graph.point_lat[point]), 7)] = None
    return list(points)


def _stations(
    points: list[tuple[float, float]], size: Size, rng: random.Random
) -> tuple[list[Station], dict[str, float]]:
    """Stations, and how much each is a place of work, 0 to 1: most in the middle."""
    middle = (median(lon for lon, _ in points), median(lat for _, lat in points))
    away = [float(great_circle_m(middle[0], middle[1], lon, lat)) for lon, lat in points]
    reach_m = max(1.0, median(away))
    per_station = size.cars / size.stations
    charging = set(rng.sample(range(len(points)), max(1, round(size.plug_share * len(points)))))
    stations, works = [], {}
    for index, metres in enumerate(away):
        id_, work = f"S{index + 1:03d}", math.exp(-((metres / reach_m) ** 2))
        wanted = per_station * (1.6 - 1.2 * work)
        plugs = rng.randint(2, 4) if index in charging else 0
        kw = rng.choice((11.0, 11.0, 22.0))
        stations.append(
            Station(
                id=id_,
                lost_trips=_lost(wanted, rng.uniform(0.6, 1.4)),
                bays=math.ceil(2 * per_station) + plugs,
                plugs=tuple(Plug(id=f"{number}", kw=kw, connector="type2") for number in range(1, plugs + 1)),
                site_kw=rng.choice((None, round(0.6 * kw * plugs, 1))) if plugs else None,
            )
        )
        works[id_] = round(work, 3)
    return stations, works


def _lost(wanted: float, trips: float) -> tuple[float, ...]:
    """Trips lost by ready cars: each is worth less than the one before, one too many blocks a bay."""
    lost = [
        trips * sum(max(0.0, 1 - have / (wanted + 1)) for have in range(k, math.ceil(wanted) + 1)) for k in range(20)
    ]
    return tuple(round(value + 0.2 * max(0.0, k - 2 * wanted), 4) for k, value in enumerate(lost))


def _cars(stations: list[Station], works: dict[str, float], size: Size, rng: random.Random) -> tuple[Car, ...]:
    room = {station.id: station.bays or 0 for station in stations}
    free = {station.id: [plug.id for plug in station.plugs] for station in stations}
    cars = []
    for number in range(1, size.cars + 1):
        open_ids = [station.id for station in stations if room[station.id]]
        id_ = rng.choices(open_ids, weights=[0.4 + 2 * works[one] for one in open_ids])[0]
        room[id_] -= 1
        battery_kwh, kwh_per_km, charge_kw = KINDS[rng.random() >= size.small_share]
        is_low = rng.random() < size.low_share
        charge = rng.uniform(0.08, 0.32) if is_low else rng.uniform(0.45, 0.95)
        plug_id = free[id_].pop(0) if free[id_] and rng.random() < 0.3 else None
        cars.append(
            Car(
                id=f"car-{number:03d}",
                station_id=id_,
                battery_kwh=battery_kwh,
                energy_kwh=round(charge * battery_kwh, 2),
                ready_kwh=round(0.4 * battery_kwh, 2),
                kwh_per_km=round(SEASON * kwh_per_km, 5),
                charge_kw=charge_kw,
                connectors=frozenset({"type2"}),
                plug_id=plug_id,
                available_until_s=rng.randrange(7 * 3600, OPENING_S, 300) if rng.random() < 0.05 else None,
                can_move=rng.random() >= 0.02,
                goal_kwh=round(0.8 * battery_kwh, 2),
            )
        )
    return tuple(cars)


def _driver(number: int, rng: random.Random) -> Driver:
    begin_s, end_s = SHIFTS[(number - 1) % len(SHIFTS)]
    break_ = Break(duration_s=1200, earliest_s=begin_s + 5400, latest_s=begin_s + 12_600)
    return Driver(
        id=f"driver-{number}",
        start_place_id="base",
        end_place_id="base",
        shift_start_s=begin_s,
        shift_end_s=end_s,
        mode="folding-bike",
        break_=break_ if rng.random() < 0.5 else None,
    )


def _zone(stations: list[Station], works: dict[str, float]) -> Zone:
    """The quarter with most homes has to open with some cars."""
    homes = sorted(stations, key=lambda station: (works[station.id], station.id))[: max(2, len(stations) // 4)]
    return Zone(id="homes", station_ids=tuple(station.id for station in homes), floor=len(homes))


def _grid() -> Grid:
    hours = [21 + slot * SLOT_S / 3600 for slot in range(OPENING_S // SLOT_S)]
    return Grid(
        slot_s=SLOT_S,
        tariff=tuple(next(value for until, value in TARIFF if hour < until) for hour in hours),
        co2_kg=tuple(next(value for until, value in CO2_KG if hour < until) for hour in hours),
    )


def _times(streets: Streets, places: list[Place]) -> TravelTimes:
    return streets.times(places)


if __name__ == "__main__":
    main()
