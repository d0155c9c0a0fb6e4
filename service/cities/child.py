"""
Unpacks a city that somebody brought and looks it over, in a process that may use little and dies with its parent.

    python -m service.cities.child FOLDER

`FOLDER` holds `task.json` and either `upload.zip` or a `city` to which files were added. What was found, and what the
city is when it has no errors, is left as `told.json`.
"""

from __future__ import annotations

import errno
import json
import sys
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any

from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings
from service.cities.archive import unpack, version_of
from service.errors import NO_ROOM
from service.processes import die_with_parent, limit_process

FULL = 5
"""Exit code where the disk takes nothing more."""


def main(folder: Path) -> int:
    """Do it; the exit code is 0 when the city could be looked at, however wrong it is."""
    try:
        _check(folder)
    except OSError as error:
        # A file may be larger than this process may write: that is the city's own fault.
        if error.errno not in NO_ROOM or error.errno == errno.EFBIG:
            raise
        return FULL
    return 0


def _check(folder: Path) -> None:
    task = json.loads((folder / "task.json").read_text())
    die_with_parent(task["parent_pid"])
    limit_process(task)
    findings = Findings()
    city = folder / "city"
    if (folder / "upload.zip").exists():
        unpack(folder / "upload.zip", city, max_bytes=task["max_bytes"], findings=findings)
    told: dict[str, Any] = {"description": None, "version": None}
    if not findings.errors:
        told |= _look(city, findings, cache_dir=Path(task["cache_dir"]))
    told["findings"] = [asdict(finding) for finding in findings.items]
    (folder / "told.json").write_text(json.dumps(told, default=str))


def _look(city: Path, findings: Findings, *, cache_dir: Path) -> dict[str, Any]:
    from scenarios.describing import describe
    from scenarios.folder import CITY_FILE
    from scenarios.looking import look_over

    if not (city / CITY_FILE).is_file():
        hint = "zip a city folder; docs/city-folder.md shows one"
        findings.error("city_file_missing", f"holds no {CITY_FILE}", source="request", hint=hint)
        return {}
    check_streets(city, findings)
    if findings.errors:
        return {}
    findings.extend(look_over(city, cache_dir=cache_dir))
    if findings.errors:
        return {}
    try:
        return {"description": describe(city), "version": version_of(city)}
    except InvalidInput as error:
        findings.extend(error.findings)
        return {}


def check_streets(city: Path, findings: Findings) -> None:
    """Note every street file that `city.toml` or `cars.toml` names, in either form, and that is not in the folder."""
    from scenarios.folder import CITY_FILE
    from scenarios.relocation.folder import CARS_FILE
    from scenarios.toml import read_toml

    for path in (city / CITY_FILE, city / CARS_FILE):
        said = (read_toml(path, findings, page="docs/city-folder.md") or {}) if path.is_file() else {}
        streets = said.get("streets")
        file = streets.get("source") if isinstance(streets, dict) else streets
        # Whatever else it may be, the city's own reader tells.
        if isinstance(file, str) and (PurePosixPath(file).name != file or "\\" in file or "\0" in file):
            hint, text = "name a file that is in the zip, beside city.toml", "is no file of this folder"
            findings.error("streets_outside", text, source=path.name, where="streets", value=file, hint=hint)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
