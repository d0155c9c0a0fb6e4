"""plan.json: complete, replayable by a stranger, and honest about time."""

from __future__ import annotations

import dataclasses
import json
import random
from datetime import UTC, datetime

import pytest

from optimiser.basics.finding import Finding, Severity
from optimiser.rebalancing.check import check
from optimiser.rebalancing.plan import Plan, Route, Stop
from optimiser.reporting.document import plan_document, to_json
from tests.builders import problem, random_problem, station, van
from tests.unit.reporting.nights import SMALL_PLAN, night_of, small_night, small_problem
from tests.unit.reporting.replayer import replay_plan


def test_a_stranger_replays_the_small_night_from_the_file_alone():
    found = replay_plan(to_json(plan_document(small_night())))
    # 8.90 for 890 s of van, 6.00 for 6 km, nothing lost.
    assert found["objective"] == pytest.approx(14.9)
    assert found["held"] == {"A": 4, "B": 4, "C": 5}
    assert found["loads"] == {"van-1": 1}
    assert (found["seconds"], found["metres"]) == (890, 6000)


@pytest.mark.parametrize("seed", range(8))
def test_a_stranger_replays_random_nights(seed):
    """Several vans, shared stations, initial loads: routes are drawn at random and cut back until valid."""
    given = random_problem(seed, stations=12, vans=3)
    night = night_of(given, random_plan(given, seed=seed))
    assert night.timeline.routes
    replay_plan(to_json(plan_document(night)))


def random_plan(given, *, seed):
    rng = random.Random(seed)
    plan = Plan()
    for _ in range(60):
        routes = {route.van_id: route.stops for route in plan.routes}
        van_id, station_id = rng.choice(given.vans).id, rng.choice(given.stations).id
        bikes = rng.randint(1, 6)
        stop = Stop(station_id=station_id, **{rng.choice(["pickup", "dropoff"]): bikes})
        routes[van_id] = (*routes.get(van_id, ()), stop)
        longer = Plan(routes=tuple(Route(van_id=key, stops=stops) for key, stops in routes.items()))
        plan = plan if check(given, longer) else longer
    return plan


def test_the_replayer_notices_a_wrong_number():
    """The judge itself is judged: each broken document is refused."""
    for breaking in (
        lambda document: document["routes"][0]["stops"][0].update(load_after=4),
        lambda document: document["routes"][0]["stops"][1].update(drive_s=201),
        lambda document: document["stations"][1].update(bikes_after=5),
        lambda document: document.update(objective=14.8),
        lambda document: document["vans"][0].update(slots=4),
        lambda document: document["vans"][0].update(shift_end=document["routes"][0]["departs"]),
    ):
        document = plan_document(small_night())
        breaking(document)
        with pytest.raises(AssertionError):
            replay_plan(json.dumps(document))


def test_whole_numbers_stay_whole_and_names_are_those_of_the_contract():
    document = json.loads(to_json(plan_document(small_night())))
    first = document["stations"][0]
    assert first["target"] == [2, 4]
    assert isinstance(first["bikes_after"], int)
    assert set(document) >= {"objective", "best_bound", "gap", "stop_reason", "seed", "engine", "input_hash", "kpis"}
    assert set(document["kpis"]) == {"before", "after", "delta"}
    stop = document["routes"][0]["stops"][1]
    assert stop["swaps"] == 0
    assert all(isinstance(stop[name], int) for name in ("pickup", "dropoff", "load_after", "drive_s", "distance_m"))
    assert document["labels"]["synthetic"] == ["fleet, depot and demand are made up from seed 1"]
    assert [item["distance_m"] for item in document["left_out"]] == [412.0]


def test_seconds_count_through_the_hour_that_autumn_repeats():
    """At 03:00 on 25 October 2026 Stockholm's clocks go back to 02:00: 00:50 UTC + 890 s is still 02:04:50, +01:00."""
    given = dataclasses.replace(small_problem(), start=datetime(2026, 10, 25, 0, 50, tzinfo=UTC))
    document = plan_document(night_of(given, SMALL_PLAN))
    route = document["routes"][0]
    assert route["departs"] == "2026-10-25T02:50:00+02:00"
    assert route["returns"] == "2026-10-25T02:04:50+01:00"
    replay_plan(to_json(document))


def test_numbers_that_are_not_finite_do_not_leave():
    with pytest.raises(ValueError, match="JSON compliant"):
        to_json({"objective": float("nan")})


def test_two_vans_of_different_speed_share_a_station_in_time_order():
    """Van b, twice as fast, is first at A (50 + 100 + 10 = 160 s); van a leaves it at 100 + 100 + 10 = 210 s."""
    given = problem([station("A", 2, low=0, high=0)], [100], vans=[van("a"), van("b", speed=2.0), van("idle", load=3)])
    stops = (Stop(station_id="A", pickup=1),)
    plan = Plan(routes=(Route(van_id="a", stops=stops), Route(van_id="b", stops=stops)))
    document = plan_document(night_of(given, plan))
    assert [route["stops"][0]["inventory_after"] for route in document["routes"]] == [0, 1]
    assert [route["duration_s"] for route in document["routes"]] == [310, 210]
    assert replay_plan(to_json(document))["loads"] == {"a": 1, "b": 1, "idle": 3}


def test_warnings_of_the_input_are_told():
    warning = Finding(
        code="odd", severity=Severity.WARNING, source="city.toml", where="/vans", value=1, message="few vans", hint="2"
    )
    night = dataclasses.replace(small_night(), warnings=(warning,))
    assert plan_document(night)["warnings"] == [
        {"code": "odd", "source": "city.toml", "where": "/vans", "message": "few vans", "hint": "2"}
    ]
