"""Files of a night of e-cars: the hand count comes out of each, and a program that knows nothing of us replays it."""

from __future__ import annotations

import copy
import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from optimiser.basics.limits import SolveLimits
from optimiser.network.straight_line import StraightLine
from optimiser.relocation.charging import charge_smartly
from optimiser.relocation.plan import NOTHING, Plan
from optimiser.relocation.problem import Must, Plug, Prices, Problem, Station, Task
from optimiser.relocation.solve import solve
from optimiser.reporting.document import to_json
from optimiser.reporting.relocation_document import relocation_document
from optimiser.reporting.relocation_figures import car_figures
from optimiser.reporting.relocation_geojson import relocation_geojson
from optimiser.reporting.relocation_sheet import driver_sheet_csv
from optimiser.reporting.relocation_unserved import unserved_wishes
from tests.car_nights import planned
from tests.unit.relocation.nights import HOUR, PLAN, car, driver, night
from tests.unit.reporting.relocation_replayer import faults

STRAIGHT = StraightLine(circuity=1.0, speed_kmh=36.0)


def document(problem: Problem | None = None, plan: Plan = PLAN) -> dict[str, Any]:
    """plan.json, written and read again."""
    return dict(json.loads(to_json(relocation_document(planned(problem, plan)))))


def test_figures_of_the_hand_count() -> None:
    """Jobs, kilometres and kWh, counted one by one."""
    figures = car_figures(night(), planned().timeline)
    assert (figures.jobs, figures.cars_moved, figures.plugged_in, figures.unplugged) == (3, 2, 1, 1)
    assert (figures.ready_cars, figures.stations_without_a_ready_car) == (2, 1)
    assert (figures.car_km, figures.ride_km) == pytest.approx((6.0, 8.0))
    assert figures.charged_kwh == pytest.approx(11 * 2830 / HOUR + 11)
    assert figures.driver_hours == pytest.approx(8180 / HOUR)


def test_the_plan_is_replayed_by_a_program_that_knows_nothing_of_us() -> None:
    """The hand-made plan, and the search's own."""
    assert faults(document()) == []
    found = solve(night(), SolveLimits(seconds=None, rounds=3)).plan
    assert found.routes
    assert faults(document(plan=found)) == []
    assert faults(document(plan=NOTHING)) == []


def later(document: dict[str, Any]) -> None:
    document["routes"][0]["jobs"][1]["arrival"] = "2026-11-27T05:00:00+01:00"


def elsewhere(document: dict[str, Any]) -> None:
    document["routes"][0]["jobs"][1]["from"] = "hub"


def stronger(document: dict[str, Any]) -> None:
    document["charges"][0]["kw"][0] = 12.0


def fuller(document: dict[str, Any]) -> None:
    document["cars"][0]["energy_after_kwh"] += 0.1


def narrower(document: dict[str, Any]) -> None:
    document["stations"][1]["bays"] = 1


def cheaper(document: dict[str, Any]) -> None:
    document["cost"]["after"]["energy"] -= 1.0


@pytest.mark.parametrize("spoil", [later, elsewhere, stronger, fuller, narrower, cheaper])
def test_the_replayer_sees_what_does_not_add_up(spoil: Callable[[dict[str, Any]], None]) -> None:
    """Broken in one number, the plan is found out."""
    spoilt = copy.deepcopy(document())
    spoil(spoilt)
    assert faults(spoilt)


def test_every_moment_has_its_offset() -> None:
    """RFC 3339 in the city's own time."""
    told = document()
    assert told["night_start"] == "2026-11-26T23:00:00+01:00"
    assert told["routes"][0]["returns"] == "2026-11-27T01:16:20+01:00"
    for job in told["routes"][0]["jobs"]:
        for name in ("arrival", "start", "leave", "reach", "end"):
            assert datetime.fromisoformat(job[name]).tzinfo is not None


def test_stations_cars_and_labels() -> None:
    """What stands where, before and after, and what is made up."""
    told = document()
    (a, b, hub) = told["stations"]
    assert (a["ready_before"], a["ready_after"], b["ready_after"], hub["ready_after"]) == (1, 0, 2, 0)
    assert (b["cars_before"], b["cars_after"], b["expected_lost_before"], b["expected_lost_after"]) == (0, 2, 1.0, 0.0)
    low = told["cars"][1]
    assert (low["station_before"], low["station_after"], low["ready_before"], low["ready_after"]) == (
        "a",
        "b",
        False,
        True,
    )
    assert told["labels"]["synthetic"] == ["Everything is made up."]
    assert told["smart_charging"]["saving"] == pytest.approx(planned().cost_plain.total - planned().cost_after.total)


def test_the_sheet_says_step_by_step_what_to_do() -> None:
    """One row a step; a name that looks like a formula is defused."""
    text = driver_sheet_csv(planned())
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["action"] for row in rows] == [
        *("begin", "ride", "open", "drive", "park", "plug in"),
        *("ride", "open", "drive", "park", "ride", "wait", "open", "unplug", "drive", "park", "ride", "end"),
    ]
    assert rows[3]["station"] == "'=Hub"
    assert (rows[3]["from"], rows[3]["until"]) == ("2026-11-26 23:06:20+01:00", "2026-11-26 23:11:20+01:00")
    assert (rows[3]["charge"], rows[3]["km"], rows[5]["plug"]) == ("18.5", "3.0", "p1")
    assert rows[-1]["from"] == "2026-11-27 01:16:20+01:00"
    assert "\r\n" in text


def test_lines_of_rides_and_drives() -> None:
    """Each leg from place to place, in order, and cars where they stand at opening."""
    features = relocation_geojson(planned(), STRAIGHT, {"bike": STRAIGHT})["features"]
    legs = [feature["properties"] for feature in features if feature["properties"]["kind"] in ("ride", "drive")]
    assert [(leg["kind"], leg["from"], leg["to"]) for leg in legs] == [
        ("ride", "home", "a"),
        ("drive", "a", "hub"),
        ("ride", "hub", "a"),
        ("drive", "a", "b"),
        ("ride", "b", "hub"),
        ("drive", "hub", "b"),
        ("ride", "b", "home"),
    ]
    cars = {f["properties"]["car_id"]: f for f in features if f["properties"]["kind"] == "car"}
    assert cars["low"]["properties"]["station_id"] == "b"
    assert cars["low"]["properties"]["ready_after"]
    assert len({feature["id"] for feature in features}) == len(features)


def why(problem: Problem, kind: str, id_: str, plan: Plan = NOTHING) -> str:
    """The code told for one wish."""
    (wish,) = [wish for wish in unserved_wishes(planned(problem, plan)) if (wish.kind, wish.id) == (kind, id_)]
    assert wish.text
    return wish.code


def with_low(**changes: Any) -> Problem:
    """The night with its low car changed."""
    return night(cars=(car("full", "a", energy_kwh=30.0), car("low", "a", **changes)))


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("OUT_OF_SERVICE", with_low(in_service=False)),
        ("BOOKED", with_low(available_until_s=9 * HOUR)),
        ("NOT_THERE_YET", with_low(available_from_s=10 * HOUR + 1)),
        ("NO_CONNECTOR", with_low(connectors=frozenset({"ccs"}))),
        ("CANNOT_MOVE", with_low(can_move=False)),
        ("TOO_LITTLE_TIME_TO_CHARGE", with_low(charge_kw=0.5)),
        ("NO_SKILL", with_low(needs=frozenset({"van"}))),
        ("NO_DRIVER_TIME", night(drivers=(driver(shift_end_s=60),))),
        ("NOT_WORTH_IT", night(prices=Prices(lost_trip=0.1, driver_hour=36.0))),
        ("SEARCH_LIMIT", night()),
    ],
)
def test_why_a_car_is_not_ready(code: str, problem: Problem) -> None:
    """Each reason, from a night in which it holds."""
    assert why(problem, "car", "low") == code


def test_why_a_car_finds_no_plug() -> None:
    """The only plug is held until it is too late for the 8 kWh that are missing."""
    stations = night().stations
    plug = Plug(id="p1", kw=11.0, connector="type2", free_from_s=10 * HOUR - 2000)
    problem = night(stations=(*stations[:2], replace(stations[2], plugs=(plug,))))
    assert why(problem, "car", "low") == "NO_FREE_PLUG"


def test_why_a_station_is_short() -> None:
    """No bay, no spare car, not worth it, no time, or the search."""
    a, b, hub = night().stations
    assert why(night(), "station", "b") == "SEARCH_LIMIT"
    assert why(night(drivers=(driver(shift_end_s=60),)), "station", "b") == "NO_DRIVER_TIME"
    assert why(night(prices=Prices(lost_trip=1.0, driver_hour=100.0)), "station", "b") == "NOT_WORTH_IT"
    needy = Station(id="a", lost_trips=(9.0, 0.0), bays=3)
    assert why(night(stations=(needy, b, hub)), "station", "b") == "NO_SPARE_CAR"
    assert why(night(stations=(a, replace(b, bays=0), hub)), "station", "b") == "NO_BAY"


def test_tasks_musts_and_places_are_told() -> None:
    """What is not done is never dropped, and what is done is not told."""
    problem = night(
        tasks=(
            Task(id="clean", car_id="low", duration_s=600, price=50.0),
            Task(id="wax", car_id="low", duration_s=3600, price=1.0),
        ),
        musts=(Must(car_id="full", station_ids=frozenset({"b"})),),
    )
    assert why(problem, "task", "clean") == "SEARCH_LIMIT"
    assert why(problem, "task", "wax") == "NOT_WORTH_IT"
    assert why(problem, "must", "full") == "SEARCH_LIMIT"
    assert why(problem, "place", "far") == "FAR_FROM_STREET"
    found = solve(problem, SolveLimits(seconds=None, rounds=3)).plan
    left = {(wish.kind, wish.id) for wish in unserved_wishes(planned(problem, found))}
    assert ("task", "clean") not in left
    assert ("must", "full") not in left
    assert charge_smartly(problem, found).routes == found.routes
