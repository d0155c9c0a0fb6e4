"""
Makes a city folder from a street file and a station feed, ready to be planned at once.

What nobody said is assumed, and each assumption is written into `city.toml` with a comment that says why.
"""

from __future__ import annotations

import math
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import tzfpy

from optimiser.basics.city import Depot, Station
from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from optimiser.network.travel import TravelSource
from scenarios.city_file import CityFile, Said, city_toml
from scenarios.feed import Feed
from scenarios.folder import CITY_FILE, read_feed, read_folder
from scenarios.inspection import far_stations, place_of
from scenarios.loader import LoadedCity, load_city, open_travel

FEED_FILES = (
    *("station_information.json", "station_information.csv", "station_status.json", "station_status.csv"),
    *("system_information.json", "vehicle_types.json", "vehicle_status.json", "free_bike_status.json", "targets.csv"),
)
STREET_ENDINGS = (".osm.pbf", ".osm.gz", ".osm.bz2", ".osm", ".pbf", ".graphml")
STREETS_LATER = "streets"
NOWHERE = Depot(id="depot of the draft", name="to be placed", lon=0.0, lat=0.0)
"""Stands in the first draft, which tells the errors of the feed; the streets then place the depot."""

STATIONS_PER_VAN = 50
MAX_VANS = 20


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the caller said; None is assumed."""

    name: str | None = None
    time_zone: str | None = None
    currency: str | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class CreatedCity:
    """A new city folder."""

    folder: Path
    loaded: LoadedCity
    assumed: tuple[str, ...]
    """What was assumed, in words."""
    warnings: tuple[Finding, ...]


def create_city(
    folder: Path,
    feed_folder: Path,
    *,
    streets: Path,
    today: date,
    wishes: Wishes = Wishes(),
    force: bool = False,
    feed_origin: str | None = None,
    cache_dir: Path | None = None,
) -> CreatedCity:
    """
    Make `folder` from the street file `streets` and the GBFS or CSV files in `feed_folder`.

    Parameters
    ----------
    today
        For `SOURCE.md`.
    force
        Write into a folder that is not empty; files of the same names are replaced.
    feed_origin
        Address the feed was fetched from, for `SOURCE.md` and `city.toml`; None when it came from a folder.

    Raises
    ------
    InvalidInput
        Every error of the arguments, the feed and the streets at once. Nothing is written then.
    """
    findings = Findings()
    ending = _check_arguments(folder, feed_folder, streets, force=force, findings=findings)
    with tempfile.TemporaryDirectory() as scratch:
        draft = Path(scratch)
        said = _draft_feed(draft, folder, feed_folder, wishes, findings) if feed_folder.is_dir() else None
        findings.raise_errors("new city")
        assert said is not None
        said = replace(said, streets=f"streets{ending}", gbfs=feed_origin)
        shutil.copyfile(streets, draft / said.streets)
        _write(draft, said, NOWHERE, stations=0)
        loaded = load_city(draft)
        travel = open_travel(loaded, cache_dir=cache_dir)
        out = {item.place.id for item in far_stations(loaded, travel, findings)}
        findings.raise_errors("new city")

        near = [station for station in loaded.city.stations if station.id not in out]
        _write(draft, said, _depot(near, {station.id for station in loaded.city.stations}, travel), stations=len(near))
        _write_source(draft, streets, feed_origin or str(feed_folder), today)
        load_city(draft)
        _move_in(draft, folder)
    loaded = load_city(folder)
    return CreatedCity(
        folder=folder,
        loaded=loaded,
        assumed=(*said.assumed, "depot, vans, shifts, handling times and prices"),
        warnings=(*loaded.warnings, *findings.warnings),
    )


def central_station(stations: Sequence[Station], travel: TravelSource) -> Station:
    """The station from and to which all others are nearest by travel time, each counted by its docks (1-median)."""
    times = travel.times([place_of(station) for station in stations])
    docks = np.array([station.capacity for station in stations], dtype=np.float64)
    seconds = times.travel_s.astype(np.float64)
    # A place that cannot be reached is worse than any that can.
    seconds[times.travel_s < 0] = 10 * max(1.0, float(seconds.max(initial=0.0)))
    return stations[int(np.argmin(seconds @ docks + docks @ seconds))]


def _depot(stations: Sequence[Station], taken_ids: set[str], travel: TravelSource) -> Depot:
    beside = central_station(stations, travel)
    names = ("depot", *(f"depot-{number}" for number in range(1, len(taken_ids) + 2)))
    free_id = next(name for name in names if name not in taken_ids)
    return Depot(id=free_id, name=f"Depot near {beside.name}"[:200], lon=beside.lon, lat=beside.lat)


def _draft_feed(draft: Path, folder: Path, feed_folder: Path, wishes: Wishes, findings: Findings) -> Said | None:
    """Copy the feed into the draft and note every error in it, and in what the caller said."""
    for name in FEED_FILES:
        if (feed_folder / name).is_file():
            shutil.copy2(feed_folder / name, draft / name)
    reading = Findings()
    feed = read_feed(draft, reading)
    if feed is None:
        findings.extend(reading.errors)
        return None
    said = _said(folder, draft, feed, wishes)
    _write(draft, said, NOWHERE, stations=0)
    checked = Findings()
    read_folder(draft, checked)
    for error in checked.errors:
        option = f"--{error.where.split('.')[-1].replace('_', '-')}"
        # city.toml is not there yet; what is wrong in it came from the command line.
        findings.extend([replace(error, source=option, where="") if error.source == CITY_FILE else error])
    return said


def _move_in(draft: Path, folder: Path) -> None:
    """Put the finished files into the folder, in place of those of an earlier feed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in FEED_FILES:
        (folder / name).unlink(missing_ok=True)
    for path in draft.iterdir():
        shutil.copy2(path, folder / path.name)


def _check_arguments(folder: Path, feed_folder: Path, streets: Path, *, force: bool, findings: Findings) -> str | None:
    """Note what is wrong with the paths; returns the ending of the street file."""
    if folder.exists() and not folder.is_dir():
        findings.error("not_a_folder", f"{folder} is a file", source="DIR", value=str(folder), hint="name a folder")
    elif folder.is_dir() and any(folder.iterdir()) and not force:
        findings.error(
            "folder_not_empty",
            f"{folder} is not empty",
            source="DIR",
            value=str(folder),
            hint="name a new folder, or --force to replace files of the same names",
        )
    if not feed_folder.is_dir():
        findings.error(
            "feed_missing",
            f"there is no folder {feed_folder}",
            source="--gbfs",
            value=str(feed_folder),
            hint="a folder with station_information and station_status as .json (GBFS) or .csv, or a URL",
        )
    ending = next((ending for ending in STREET_ENDINGS if streets.name.endswith(ending)), None)
    if not streets.is_file():
        findings.error(
            "streets_missing",
            f"there is no file {streets}",
            source="--streets",
            value=str(streets),
            hint="an OpenStreetMap extract of the city",
        )
    elif ending is None:
        findings.error(
            "streets_format",
            f"{streets.name} is of no known format",
            source="--streets",
            value=streets.name,
            hint=f"a file ending in {', '.join(STREET_ENDINGS)}",
        )
    return ending


def _said(folder: Path, draft: Path, feed: Feed, wishes: Wishes) -> Said:
    """Name, zone, currency and time: said by the caller, else by the feed, else assumed."""
    name = wishes.name or feed.name or folder.resolve().name
    zone, zone_assumed = wishes.time_zone or feed.time_zone, False
    if zone is None:
        zone, zone_assumed = zone_of_stations(feed), True
    as_of, as_of_assumed = wishes.as_of, False
    if feed.as_of is None and as_of is None:
        status = next(path for path in draft.iterdir() if path.stem == "station_status")
        as_of, as_of_assumed = datetime.fromtimestamp(int(status.stat().st_mtime), UTC), True
    return Said(
        id=slug(name),
        name=name,
        time_zone=zone,
        time_zone_assumed=zone_assumed,
        currency=wishes.currency or "EUR",
        currency_assumed=wishes.currency is None,
        as_of=as_of,
        as_of_assumed=as_of_assumed,
        streets=STREETS_LATER,
    )


def zone_of_stations(feed: Feed) -> str:
    """The time zone at the first station whose coordinates can be read; borders are simplified by some 100 m."""
    for row in feed.stations:
        try:
            lon, lat = float(row.values["lon"]), float(row.values["lat"])
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        if abs(lon) <= 180 and abs(lat) <= 90:
            return tzfpy.get_tz(lon, lat)
    return "Etc/UTC"


def slug(name: str) -> str:
    """An id: lower-case letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64].strip("-") or "city"


def _write(draft: Path, said: Said, depot: Depot, *, stations: int) -> None:
    vans = min(MAX_VANS, max(1, math.ceil(stations / STATIONS_PER_VAN)))
    text = city_toml(CityFile(said=said, depot=depot, vans=vans, stations=stations))
    (draft / CITY_FILE).write_text(text, encoding="utf-8")


def _write_source(draft: Path, streets: Path, feed_origin: str, today: date) -> None:
    lines = [
        "# Where it comes from",
        "",
        f"Made by `evenfleet city new` on {today.isoformat()}.",
        "",
        f"- Streets: `{streets.name}`, copied as given. OpenStreetMap data is under the Open Database License 1.0.",
        f"- Stations and their status: {feed_origin}, copied as given. Please note the operator's licence here.",
        "- Depot, vans, shifts, handling times and prices: assumed, see the comments in `city.toml`.",
        "",
    ]
    (draft / "SOURCE.md").write_text("\n".join(lines), encoding="utf-8")
