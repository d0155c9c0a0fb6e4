"""What a new version of a city is made of: a zip file of a folder, or the version before with what a feed says now."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from scenarios.folder import CITY_FILE, read_city_file
from service.access.audit import Action
from service.cities.shelf import Shelf
from service.cities.store import City
from service.errors import InvalidRequest
from service.jobs.bodies import read_json
from service.once import ANEW, Once

Accept = Callable[[City | None], bool]
Brought = tuple[City, bool, list[Finding]]

STATUS = "station_status.json"
FEED_FILES = (
    *("station_information.json", "station_information.csv", STATUS, "station_status.csv"),
    *("system_information.json", "vehicle_types.json", "vehicle_status.json", "free_bike_status.json"),
)
"""What a feed says; everything else, targets too, is the operator's own."""


def put_archive(shelf: Shelf, city_id: str, upload: Path, *, accept: Accept) -> Brought:
    """The files of a zip become the newest version; `upload` is moved away."""
    return shelf.bring(city_id, lambda folder: _move(upload, folder), accept=accept)


def put_snapshot(shelf: Shelf, city_id: str, body: bytes, *, accept: Accept, once: Once = ANEW) -> Brought:
    """The city as it is, with this GBFS station_status in the place of its own."""
    before = shelf.find(city_id)
    shelf.check_is_own(before)
    read_json(body, max_values=shelf.settings.max_body_values)
    source = shelf.folder(before)
    _says(source)

    def fill(folder: Path) -> None:
        city = _copy(source, folder, without=(STATUS, "station_status.csv"))
        (city / STATUS).write_bytes(body)

    return shelf.bring(
        city_id, fill, accept=lambda seen: seen is not None and accept(seen), action=Action.CITY_SNAPSHOT, once=once
    )


def feed_of(shelf: Shelf, city_id: str) -> str | None:
    """
    Address of the feed that the city itself names; None when it names none.

    Raises
    ------
    NotFound, BundledCity
    InvalidRequest
        Its stations are no files of their own, which a feed could replace.
    """
    city = shelf.find(city_id)
    shelf.check_is_own(city)
    gbfs = _says(shelf.folder(city)).get("gbfs")
    return gbfs if isinstance(gbfs, str) else None


def put_feed(shelf: Shelf, city_id: str, feed: Path, *, accept: Accept, once: Once = ANEW) -> Brought:
    """The city as it is, with the files of the folder `feed` in the place of its stations and their status."""
    before = shelf.find(city_id)
    shelf.check_is_own(before)

    def fill(folder: Path) -> None:
        city = _copy(shelf.folder(before), folder, without=FEED_FILES)
        for path in feed.iterdir():
            shutil.copyfile(path, city / path.name)

    return shelf.bring(
        city_id, fill, accept=lambda seen: seen is not None and accept(seen), action=Action.CITY_IMPORT, once=once
    )


def _says(source: Path) -> dict[str, Any]:
    """What the city's own file says, when stations and their status are files beside it."""
    told = read_city_file(source, Findings()) or {}
    if "stations" in told:
        findings = Findings()
        findings.error(
            "snapshot_inline",
            f"the city has its stations in {CITY_FILE}, and so its snapshot",
            source=CITY_FILE,
            where="stations",
            hint="bring the city anew, or with station_information and station_status in files of their own",
        )
        raise InvalidRequest("a snapshot has no place in this city", findings=findings.errors)
    return dict(told)


def _copy(source: Path, folder: Path, *, without: Iterable[str]) -> Path:
    """The files of a city in a working folder, but for some."""
    # Nothing is changed in place, and so files that stay the same need not be copied.
    city = folder / "city"
    shutil.copytree(source, city, copy_function=os.link)
    for name in without:
        (city / name).unlink(missing_ok=True)
    return city


def _move(upload: Path, folder: Path) -> None:
    upload.rename(folder / "upload.zip")
