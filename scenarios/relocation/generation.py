"""
Makes up an evening of an e-car fleet at real places: which car stands where, with how much charge, on which plug.

Two kinds of car: `city`, 22 kWh and about 150 km, the class of the fleets in the studies of relocation by folding bike
in Milan (Bruglieri, Colorni, Luè, arXiv 1307.7195), and `compact`, 50 kWh and about 290 km, today's. Drivers ride at
the 15 km/h of the bike profile. Three cars in eight are low in the evening, homes want cars by the morning and
workplaces want bays. Everything comes from the seed.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scenarios.extracts import METRES_PER_DEGREE, write_table

LOW_SHARE = 3 / 8
CITY_SHARE = 0.4
AT_PLUG_SHARE = 0.5
"""Of the cars at a station with plugs, those that riders have plugged in."""
AROUND_ZONE_M = 350.0

STATION_COLUMNS = ("station_id", "name", "lat", "lon", "bays", "is_zone", "is_renting", "site_kw")
PLUG_COLUMNS = ("plug_id", "station_id", "kw", "connector", "occupied_until")
CAR_COLUMNS = (
    *("car_id", "station_id", "lat", "lon", "type", "state_of_charge", "plug_id"),
    *("available_from", "booked_from", "in_service", "can_move"),
)
DEMAND_COLUMNS = ("station_id", "low", "high", "lost_trips_per_car")
RATE_COLUMNS = ("station_id", "hour", "rentals_per_hour", "returns_per_hour")


@dataclass(frozen=True, kw_only=True)
class Site:
    """A real place that the fleet uses."""

    id: str
    name: str
    lat: float
    lon: float
    bays: int | None
    """None = a free-floating zone around it."""
    work: float
    """0 = homes, 1 = workplaces."""
    plugs: int = 0
    kw: float = 11.0
    site_kw: float | None = None
    is_renting: bool = True
    occupied_until: str | None = None
    """Of the first plug: somebody else's car."""


@dataclass(frozen=True, kw_only=True)
class Evening:
    """What is special about some cars, by their number."""

    cars: int
    booked: dict[int, str]
    """Riders have them from then on."""
    expected: dict[int, str]
    """Riders bring them by then."""
    broken: tuple[int, ...] = ()
    with_rates: bool = False
    """Demand as rentals and returns per hour rather than as intervals."""


def write_fleet(folder: Path, sites: Sequence[Site], evening: Evening, *, seed: int) -> None:
    """Write stations, plugs, cars and demand into a folder, byte for byte the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - a fleet is made up here, no secret
    folder.mkdir(exist_ok=True)
    write_table(folder / "stations.csv", STATION_COLUMNS, [_station(site) for site in sites])
    write_table(folder / "plugs.csv", PLUG_COLUMNS, [row for site in sites for row in _plugs(site)])
    write_table(folder / "cars.csv", CAR_COLUMNS, _cars(sites, evening, rng))
    renting = [site for site in sites if site.is_renting]
    if evening.with_rates:
        rates = [row for site in renting for row in _rates(site)]
        write_table(folder / "demand.csv", RATE_COLUMNS, rates)
    else:
        write_table(folder / "demand.csv", DEMAND_COLUMNS, [_interval(site, rng) for site in renting])


def _station(site: Site) -> tuple[object, ...]:
    is_zone = "yes" if site.bays is None else ""
    bays, site_kw = ("" if value is None else value for value in (site.bays, site.site_kw))
    return site.id, site.name, site.lat, site.lon, bays, is_zone, "" if site.is_renting else "no", site_kw


def _plugs(site: Site) -> list[tuple[object, ...]]:
    taken = site.occupied_until or ""
    return [
        (f"{number}", site.id, site.kw, "type2", taken if number == 1 else "") for number in range(1, site.plugs + 1)
    ]


def _cars(sites: Sequence[Site], evening: Evening, rng: random.Random) -> list[tuple[object, ...]]:
    room = {site.id: site.bays if site.bays is not None else evening.cars for site in sites if site.is_renting}
    free = {site.id: site.plugs - (site.occupied_until is not None) for site in sites}
    rows: list[tuple[object, ...]] = []
    for number in range(1, evening.cars + 1):
        open_sites = [site for site in sites if room.get(site.id, 0) > 0]
        # After the evening cars stand where people work and go out, and are missing at homes.
        site = rng.choices(open_sites, weights=[0.4 + 2.0 * site.work for site in open_sites])[0]
        room[site.id] -= 1
        type_ = "city" if rng.random() < CITY_SHARE else "compact"
        is_low = rng.random() < LOW_SHARE
        charge = round(rng.uniform(0.08, 0.32) if is_low else rng.uniform(0.45, 0.95), 2)
        plug, lat, lon = "", "", ""
        if site.bays is None:
            lat, lon = _around(site, rng)
        elif free[site.id] > 0 and number not in evening.expected and rng.random() < AT_PLUG_SHARE:
            plug = f"{site.plugs - free[site.id] + 1}"
            free[site.id] -= 1
        is_broken = "no" if number in evening.broken else ""
        moments = (evening.expected.get(number, ""), evening.booked.get(number, ""))
        rows.append((f"car-{number:02d}", site.id, lat, lon, type_, charge, plug, *moments, is_broken, is_broken))
    return rows


def _around(site: Site, rng: random.Random) -> tuple[str, str]:
    """A place in the street within a zone, lat and lon."""
    angle, away_m = rng.uniform(0, 2 * math.pi), AROUND_ZONE_M * math.sqrt(rng.random())
    lat = site.lat + away_m * math.sin(angle) / METRES_PER_DEGREE
    lon = site.lon + away_m * math.cos(angle) / METRES_PER_DEGREE / math.cos(math.radians(site.lat))
    return f"{lat:.6f}", f"{lon:.6f}"


def _interval(site: Site, rng: random.Random) -> tuple[object, ...]:
    most = 5 if site.bays is None else site.bays
    low = max(1, round((0.75 - 0.55 * site.work) * most))
    high = max(low, round((1.0 - 0.3 * site.work) * most) - 1)
    return site.id, low, "" if site.bays is None else high, f"{rng.uniform(0.6, 1.4):.2f}"


def _rates(site: Site) -> list[tuple[object, ...]]:
    """Homes rent in the morning and return in the evening, workplaces the other way round; nights are quiet."""
    rows: list[tuple[object, ...]] = []
    for hour in range(24):
        morning, evening = _bump(hour, 8.0), _bump(hour, 18.0)
        base = 0.02 + 0.08 * _bump(hour, 13.0, wide=4.0)
        rentals = base + 0.55 * (1 - site.work) * morning + 0.5 * site.work * evening
        returns = base + 0.5 * site.work * morning + 0.55 * (1 - site.work) * evening
        rows.append((site.id, hour, f"{rentals:.3f}", f"{returns:.3f}"))
    return rows


def _bump(hour: int, peak: float, *, wide: float = 1.6) -> float:
    return math.exp(-(((hour - peak) / wide) ** 2))
