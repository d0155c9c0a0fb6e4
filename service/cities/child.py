"""
Unpacks a city that somebody brought and looks it over, in a process that may use little and dies with its parent.

    python -m service.cities.child FOLDER

`FOLDER` holds `task.json` and either `upload.zip` or a `city` to which files were added. What was found, and what the
city is when it has no errors, is left as `told.json`.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any

from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings
from service.cities.archive import unpack, version_of
from service.processes import die_with_parent, limit_process


def main(folder: Path) -> int:
    """Do it; the exit code is 0 when the city could be looked at, however wrong it is."""
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
    return 0


def _look(city: Path, findings: Findings, *, cache_dir: Path) -> dict[str, Any]:
    from scenarios.describing import describe
    from scenarios.folder import CITY_FILE, read_city_file
    from scenarios.looking import look_over

    if not (city / CITY_FILE).is_file():
        hint = "zip a city folder; docs/city-folder.md shows one"
        findings.error("city_file_missing", f"holds no {CITY_FILE}", source="request", hint=hint)
        return {}
    streets = (read_city_file(city, findings) or {}).get("streets")
    if isinstance(streets, str) and PurePosixPath(streets).name != streets:
        hint = "name a file that is in the zip, beside city.toml"
        findings.error(
            "streets_outside", "is no file of this folder", source=CITY_FILE, where="streets", value=streets, hint=hint
        )
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


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
