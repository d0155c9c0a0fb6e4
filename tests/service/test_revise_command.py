"""`evenfleet revise` as a user types it: a night is planned, a van is lost, and a station turns out to be another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.service.test_cli_plan import FILES, evenfleet
from tests.service.town import TOML, write_town

TWO_VANS = (
    TOML.replace('shift = ["22:00", "05:30"]', 'shift = ["22:00", "23:15"]')
    + """
[[vans]]
id = "van-2"
slots = 10
start_depot = "depot"
end_depot = "depot"
shift = ["22:00", "23:15"]
"""
)


def document(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "plan.json").read_text())
    return found


def tell(path: Path, **told: Any) -> None:
    path.write_text(json.dumps(told))


def test_the_rest_of_a_night_is_planned_again_and_again(tmp_path: Path):
    town = write_town(tmp_path / "town", history=None)
    (town / "city.toml").write_text(TWO_VANS)
    evenfleet("plan", "town", "--rounds", 60, "--output", "night", cwd=tmp_path)
    night = document(tmp_path / "night")
    driving = [route for route in night["routes"] if len(route["stops"]) > 1]
    lost, at = driving[0]["van_id"], driving[0]["stops"][0]["departure"]

    tell(tmp_path / "told.json", at=at, events=[{"type": "van_lost", "van_id": lost}])
    done = evenfleet("revise", "town", "night", "told.json", "--rounds", 60, "--json", cwd=tmp_path)
    rest, summary = document(tmp_path / "night-revised"), json.loads(done.stdout)
    assert summary["files"] == [f"night-revised/{name}" for name in [*FILES, "revision.json"]]
    assert rest["objective"] == summary["objective"] <= rest["revision"]["cost"]["going_on"]["total"]
    assert {van["van_id"]: van["state"] for van in rest["revision"]["vans"]}[lost] == "lost"
    assert lost not in {route["van_id"] for route in rest["routes"] if route["stops"]}

    # The rest is revised like the night, and the same is told the same plan.
    seen = {"type": "station_seen", "station_id": night["stations"][0]["station_id"], "is_closed": True}
    tell(tmp_path / "later.json", at=rest["revision"]["at"], events=[seen])
    for name in ("a", "b"):
        evenfleet("revise", "town", "night-revised", "later.json", "--rounds", 60, "--output", name, cwd=tmp_path)
    assert document(tmp_path / "a")["routes"] == document(tmp_path / "b")["routes"]
    assert len(json.loads((tmp_path / "a/revision.json").read_text())["steps"]) == 2

    # All that is wrong is told at once, of the form and of what does not fit; and nothing is planned of another city.
    late = {"type": "van_late", "van_id": "van-9", "late_s": 60}
    tell(tmp_path / "wrong.json", at="soon", events=[late], limits=[1])
    refused = evenfleet("revise", "town", "night", "wrong.json", "--seconds", 3, cwd=tmp_path, check=1)
    assert "/at" in refused.stderr
    assert "/limits" in refused.stderr
    assert "there is no van van-9" in refused.stderr
    (town / "city.toml").write_text(TWO_VANS.replace("van_km = 1.0", "van_km = 2.0"))
    changed = evenfleet("revise", "town", "night", "told.json", cwd=tmp_path, check=1)
    assert "has been changed since" in changed.stderr
    assert "Traceback" not in refused.stderr + changed.stderr
