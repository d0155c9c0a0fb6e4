"""What a new version of a city is made of: the zip file of a folder, or the version before with a newer snapshot."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from scenarios.folder import CITY_FILE, read_city_file
from service.access.audit import Action
from service.cities.shelf import Shelf
from service.cities.store import City
from service.errors import InvalidRequest
from service.jobs.bodies import read_json

Accept = Callable[[City | None], bool]
Brought = tuple[City, bool, list[Finding]]

STATUS = "station_status.json"


def put_archive(shelf: Shelf, city_id: str, upload: Path, *, accept: Accept) -> Brought:
    """The files of a zip become the newest version; `upload` is moved away."""
    return shelf.bring(city_id, lambda folder: _move(upload, folder), accept=accept)


def put_snapshot(shelf: Shelf, city_id: str, body: bytes, *, accept: Accept) -> Brought:
    """The city as it is, with this GBFS station_status in the place of its own."""
    before = shelf.find(city_id)
    shelf.check_is_own(before)
    read_json(body, max_values=shelf.settings.max_body_values)
    source = shelf.folder(before)
    if "stations" in (read_city_file(source, Findings()) or {}):
        findings = Findings()
        findings.error(
            "snapshot_inline",
            f"the city has its stations in {CITY_FILE}, and so its snapshot",
            source=CITY_FILE,
            where="stations",
            hint="bring the city anew, or with station_information and station_status in files of their own",
        )
        raise InvalidRequest("a snapshot has no place in this city", findings=findings.errors)

    def fill(folder: Path) -> None:
        # Nothing is changed in place, and so files that stay the same need not be copied.
        shutil.copytree(source, folder / "city", copy_function=os.link)
        for name in (STATUS, "station_status.csv"):
            (folder / "city" / name).unlink(missing_ok=True)
        (folder / "city" / STATUS).write_bytes(body)

    return shelf.bring(
        city_id, fill, accept=lambda seen: seen is not None and accept(seen), action=Action.CITY_SNAPSHOT
    )


def _move(upload: Path, folder: Path) -> None:
    upload.rename(folder / "upload.zip")
