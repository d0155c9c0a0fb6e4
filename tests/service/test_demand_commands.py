"""`plan` and `backtest` of a city with a past, as a user types them."""

from __future__ import annotations

import json
import math
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.service.test_cli_plan import evenfleet
from tests.service.town import AS_OF, CAPACITIES, HEADER, IDS, Row, rows_of, the_past, write_table, write_town
from tests.unit.reporting.replayer import replay_plan

PLAN = ("--rounds", 200, "--output", "night", "--json")


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return rows_of(the_past())


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, rows: list[Row]) -> Path:
    return write_town(tmp_path_factory.mktemp("towns") / "town", history=rows)


def plan_of(folder: Path, city: Path, *words: object) -> dict[str, Any]:
    done = evenfleet("plan", city, *PLAN, *words, cwd=folder)
    assert json.loads(done.stdout)["files"]
    document = (folder / "night/plan.json").read_bytes()
    replay_plan(document)
    return json.loads(document)


def test_with_a_history_targets_come_from_demand_and_explain_themselves(town, tmp_path):
    plan = plan_of(tmp_path, town)
    assert {"demand": 6, "operator": 0, "default": 0} == plan["targets"]["stations"]
    assert plan["targets"]["demand"]["days"] >= 30
    assert 36 * 72 * 6 == pytest.approx(plan["history"]["rows"], abs=6 * 4)
    for station in plan["stations"]:
        lost = station["lost_trips_by_inventory"]
        assert all(after - before <= 1 + 1e-9 for before, after in pairwise(lost))
        assert "rentals and" in station["target_reason"]
        demand = station["demand"]
        assert demand["rentals_wanted"] > 1
        assert 0 <= demand["empty_minutes_after"] + demand["full_minutes_after"] <= 24 * 60
        after = station["bikes_after"]
        if after > 0:
            assert station["worth_of_next_bike_out"] == pytest.approx(lost[after] - lost[after - 1])
    assert sum(item["demand"]["fleet_split"] for item in plan["stations"]) == sum(
        item["bikes_before"] for item in plan["stations"]
    )


def test_without_a_history_targets_are_the_documented_default_and_it_is_said(tmp_path):
    city = write_town(tmp_path / "town", history=None)
    plan = plan_of(tmp_path, city)
    assert {"demand": 0, "operator": 0, "default": 6} == plan["targets"]["stations"]
    assert plan["targets"]["demand"] is None
    done = evenfleet("plan", city, "--rounds", 10, "--output", "night", cwd=tmp_path)
    assert "6 stations by default, as full as the fleet: no demand is known there" in done.stdout


def test_the_operators_own_targets_come_before_those_from_demand(tmp_path, rows):
    city = write_town(tmp_path / "town", history=rows)
    write_table(city / "targets.csv", ("station_id", "low", "high"), [("A", 3, 5)])
    plan = plan_of(tmp_path, city)
    assert {"demand": 5, "operator": 1, "default": 0} == plan["targets"]["stations"]
    assert [3, 5] == plan["stations"][0]["target"]


def test_nothing_at_or_after_as_of_can_change_a_plan(tmp_path, rows):
    moment = int(datetime.fromisoformat(AS_OF).timestamp()) - 7 * 86_400
    as_of = ("--as-of", "2026-11-08T22:00:00+01:00")
    before = [row for row in rows if row[0] < moment]
    garbage: list[Row] = [
        (moment + 600 * step, id_, (7 * step) % (room + 1), room - (7 * step) % (room + 1))
        for id_, room in zip(IDS, CAPACITIES, strict=True)
        for step in range(300)
    ]
    plans = [
        plan_of(tmp_path, write_town(tmp_path / f"town-{number}", history=history), *as_of)
        for number, history in enumerate((rows, before, before + garbage, before[:-500]))
    ]
    hashes = [plan["input_hash"] for plan in plans]
    assert hashes[0] == hashes[1] == hashes[2]
    assert plans[0]["routes"] == plans[1]["routes"] == plans[2]["routes"]
    # What was known before does count, so the test could fail.
    assert hashes[3] != hashes[0]
    # The stations are those of that evening, not those of the snapshot.
    last = {row[1]: row[2] for row in sorted(before, key=lambda row: row[0])}
    assert last == {item["station_id"]: item["bikes_before"] for item in plans[0]["stations"]}


@pytest.fixture(scope="module")
def judged(town: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("judged")
    nights = ("--from", "2026-11-09", "--to", "2026-11-12")
    done = evenfleet("backtest", town, *nights, "--rounds", 50, "--draws", 2, "--output", "out", cwd=folder)
    return folder, done.stdout, json.loads((folder / "out/backtest.json").read_text(encoding="utf-8"))


def test_backtest_judges_every_policy_on_every_night(judged):
    _, table, document = judged
    assert 4 == document["judged_nights"] == len(document["nights"])
    lost = {item["policy"]: item["lost_per_night"]["mean"] for item in document["policies"]}
    assert list(lost) == [
        *("nothing", "operator", "half_full", "proportional", "unlimited", "unlimited_bikes"),
        *("vans", "held_out_rates", "perfect"),
    ]
    same_bikes = ("nothing", "proportional", "unlimited", "held_out_rates")
    assert all(lost["perfect"] <= lost[name] for name in same_bikes)
    assert lost["unlimited"] < lost["nothing"]
    assert "ours, real vans" in table


def test_backtest_says_how_well_it_predicted(judged):
    folder, _, document = judged
    for bins in document["reliability"].values():
        assert 4 * 6 == sum(item["station_nights"] for item in bins)
    assert all(math.isfinite(value) for value in document["calibration"]["nothing"].values())
    assert 24 == len(document["by_hour"]["nothing"]["realised"])
    page = (folder / "out/backtest.html").read_text(encoding="utf-8")
    assert "default-src" in page
    assert "Perfect foresight" in page


def test_the_same_backtest_twice_is_the_same(town, tmp_path):
    words = ("backtest", town, "--from", "2026-11-10", "--to", "2026-11-10", "--no-vans", "--draws", 1, "--json")
    first, again = (json.loads(evenfleet(*words, cwd=tmp_path).stdout) for _ in range(2))
    assert first == again


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--from", "2026-11-12", "--to", "2026-11-10"), "--to 2026-11-10 is before --from 2026-11-12"),
        (("--from", "yesterday", "--to", "2026-11-10"), "'yesterday' is not a date; write it like 2026-11-22"),
        (("--from", "2020-01-01", "--to", "2020-01-02"), "no night lies within the history (2026-10-12"),
    ],
)
def test_a_backtest_that_cannot_be_says_why(town, tmp_path, words, says):
    done = evenfleet("backtest", town, *words, "--no-vans", cwd=tmp_path, check=1)
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_city_without_a_history_cannot_be_judged_and_is_told_how_to_get_one(tmp_path):
    city = write_town(tmp_path / "town", history=None)
    done = evenfleet("backtest", city, "--from", "2026-11-10", "--to", "2026-11-10", cwd=tmp_path, check=1)
    assert "has no history" in done.stderr
    assert "evenfleet record" in done.stderr


def test_a_bad_history_is_told_with_file_row_and_value_and_nothing_is_planned(tmp_path):
    city = write_town(tmp_path / "town", history=None)
    table: list[Row] = [(1_794_000_000, "A", -3, 5), (1_794_000_600, "A", 4, "many"), (1_794_001_200, "A", 4, 8)]
    write_table(city / "history/status.csv", HEADER, table)
    done = evenfleet("plan", city, *PLAN, cwd=tmp_path, check=1)
    assert "history/status.csv: row 2, bikes" in done.stderr
    assert "-3" in done.stderr
    assert "history/status.csv: row 3, docks" in done.stderr
    assert not (tmp_path / "night").exists()


def test_city_check_tells_what_the_history_holds_and_what_is_wrong_with_it(town, tmp_path):
    done = evenfleet("city", "check", town, cwd=tmp_path)
    assert "rows in 1 file" in done.stderr
    city = write_town(tmp_path / "bad", history=[("soon", "A", 1, 2)])
    done = evenfleet("city", "check", city, cwd=tmp_path, check=1)
    assert "history/status.csv: row 2, ts" in done.stderr
