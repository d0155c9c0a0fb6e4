"""Which packs come when, by when they are to be full, and what every report says of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from optimiser.basics.battery_terms import Batteries, Cabinet
from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings
from optimiser.basics.grid import Grid, GridStep
from optimiser.basics.limits import SolveLimits
from optimiser.batteries.problem import Arrival
from optimiser.nightly import plan_night
from optimiser.rebalancing.plan import NOTHING, Plan, Route, Stop
from optimiser.rebalancing.problem import Must
from optimiser.rebalancing.replay import replay
from optimiser.recharging import Recharging, packs_brought, ready_by, state_recharging
from optimiser.reporting.battery_charging import battery_line, battery_sentences
from optimiser.reporting.document import plan_document
from optimiser.reporting.html import report_html
from optimiser.reporting.night import Night
from optimiser.reporting.whole_night import whole_night as summed_night
from scenarios.loader import load_inline
from scenarios.schema import CityModel
from tests.car_nights import planned
from tests.unit.rebalancing.whole_nights import make_a, make_van, whole_night
from tests.unit.reporting.nights import small_night
from tests.unit.scenarios.test_batteries import packs_document

HOURLY = Grid(
    steps=(
        GridStep(begin=time(0), tariff=0.1, co2_kg=0.1),
        GridStep(begin=time(6), tariff=0.3, co2_kg=0.2),
        GridStep(begin=time(22), tariff=0.2, co2_kg=0.1),
    ),
    source="by hand",
)
BATTERIES = Batteries(
    pack_kwh=0.5,
    state_of_charge=0.1,
    efficiency=0.9,
    grid=HOURLY,
    cabinets=(Cabinet(depot_id="D", slots=2, slot_kw=0.25, waiting=3, changes=(time(3), time(12))),),
)


def test_empty_packs_come_at_calls_and_at_the_end_of_the_shift():
    given = whole_night(a=make_a(low_charge=3, must=Must(swaps=1)), van_1=make_van(batteries=2, break_=None))
    stops = (Stop(station_id="A", swaps=2), Stop(station_id="D"), Stop(station_id="A", swaps=1))
    timeline = replay(given, Plan(routes=(Route(van_id="van-1", stops=stops),)))
    (route,) = timeline.routes
    assert packs_brought(given, timeline) == {
        "D": [Arrival(time_s=route.stops[1].departure_s, packs=2), Arrival(time_s=route.end_s, packs=1)]
    }
    assert packs_brought(given, replay(given, NOTHING)) == {}
    # A van taken over in mid-shift has an empty pack for each charged one that it lacks.
    taken = whole_night(a=make_a(low_charge=3), van_1=make_van(batteries=2, break_=None, initial_batteries=1))
    timeline = replay(taken, Plan(routes=(Route(van_id="van-1", stops=(Stop(station_id="A", swaps=1),)),)))
    assert packs_brought(taken, timeline) == {"D": [Arrival(time_s=timeline.routes[0].end_s, packs=2)]}


def test_packs_are_full_by_the_time_that_is_said_or_when_the_next_night_begins():
    night = small_night()
    city, as_of = night.city, night.snapshot.as_of
    start = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
    morning = replace(city, batteries=replace(BATTERIES, ready_by=time(7, 30)))
    assert ready_by(morning, as_of, start) == datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
    # Shifts are from 22:00 to 5:00, in Stockholm.
    assert ready_by(replace(city, batteries=BATTERIES), as_of, start) == datetime(2026, 11, 23, 21, 0, tzinfo=UTC)


def charged(night: Night, batteries: Batteries = BATTERIES) -> Night:
    """The small night with packs at its depot: three lie there, and none are swapped."""
    city, findings = replace(night.city, batteries=batteries), Findings()
    recharging = state_recharging(city, night.snapshot.as_of, findings)
    assert isinstance(recharging, Recharging)
    return replace(night, city=city, batteries=recharging.charge(night.problem, night.timeline, findings))


def test_waiting_packs_are_charged_before_the_day_and_changed_when_somebody_comes():
    night = charged(replace(small_night(), problem=small_night().problem))
    packs = night.batteries
    assert packs is not None
    (depot,) = packs.depots
    # 0.5 kWh each at 0.25 kW: two hours. From midnight at 0.1 two of them until 3:00, the third from then until 6:00.
    assert depot.problem.changes == (5 * 3600, 14 * 3600)
    assert (packs.planned.full, packs.planned.kwh) == (3, pytest.approx(1.5))
    assert packs.planned.tariff == pytest.approx(0.15)
    # At once: two from 22:00 to midnight at 0.2, the third from 3:00 at 0.1.
    assert packs.at_once.tariff == pytest.approx(0.2 + 0.05)
    assert packs.saved == pytest.approx(0.1)
    assert packs.idle == packs.at_once


def test_the_document_and_the_page_tell_what_is_charged_and_nothing_where_nothing_is_said():
    plain, night = small_night(), charged(small_night())
    before, after = plan_document(plain), plan_document(night)
    told = after.pop("battery_charging")
    assert before == after
    assert told["saved"] == pytest.approx(0.1)
    (depot,) = told["depots"]
    assert (depot["planned"]["packs"], depot["planned"]["packs_full"]) == (3, 3)
    assert sum(depot["power_kw"]) / 4 == pytest.approx(1.5)
    for group in depot["groups"]:
        hours = [
            (datetime.fromisoformat(run["end"]) - datetime.fromisoformat(run["begin"])).total_seconds() / 3600
            for run in group["power"]
        ]
        assert sum(h * run["kw"] for h, run in zip(hours, group["power"], strict=True)) == pytest.approx(
            group["grid_kwh"]
        )
    json.dumps(told, allow_nan=False)
    pages = [report_html(each, geojson={"features": []}, street_lines=[]) for each in (plain, night)]
    assert [page.count('id="batteries"') for page in pages] == [0, 1]
    assert [page.count('class="smart"') for page in pages] == [0, 2]
    assert "profile" not in pages[0]
    assert battery_line(plain) == ""
    assert "3 of 3 full by 22:00, 1.5 kWh" in battery_line(night)


def test_packs_that_cannot_be_full_are_told_with_the_reason():
    tight = replace(BATTERIES, cabinets=(replace(BATTERIES.cabinets[0], changes=()),))
    assert "1 pack at Depot D is not full in time, 0.5 kWh short: no slot is free for them" in " ".join(
        battery_sentences(charged(small_night(), tight))
    )


def test_the_whole_night_adds_packs_to_cars():
    cars, plain, night = planned(), small_night(), charged(small_night())
    without, summed = (summed_night(each, cars, van_co2_kg_km=0.5) for each in (plain, night))
    assert "packs_kwh" not in without.as_document()
    assert summed.packs_kwh == (pytest.approx(1.5), pytest.approx(1.5))
    assert summed.kwh[1] == pytest.approx(without.kwh[1] + 1.5)
    assert summed.cost[1] == pytest.approx(without.cost[1] + 0.15)
    assert summed.co2_kg[1] == pytest.approx(without.co2_kg[1] + 0.15)
    assert summed.as_document()["packs_kwh"] == {"before": pytest.approx(1.5), "after": pytest.approx(1.5)}


def test_a_planned_night_swaps_brings_home_and_charges():
    document = packs_document()
    for status, low in zip(document["snapshot"]["stations"], (6, 0, 2), strict=True):
        status["low_charge"] = low
    document["prices"] |= {"van_use": 0, "van_hour": 20}
    loaded = load_inline(CityModel.model_validate(document))
    night = plan_night(loaded.city, loaded.snapshot, loaded.streets, limits=SolveLimits(rounds=100))
    swapped = sum(timed.stop.swaps for route in night.timeline.routes for timed in route.stops)
    assert night.batteries is not None
    assert 0 < swapped == night.batteries.planned.packs == night.batteries.planned.full
    assert night.batteries.planned.cost <= night.batteries.at_once.cost


def test_a_series_that_ends_too_early_is_told_before_anything_is_planned():
    document = packs_document()
    document["grid_series"] = [
        {"time": f"2026-11-22T{hour}:00:00+01:00", "tariff": 1, "co2_g_per_kwh": 1} for hour in (21, 22)
    ]
    loaded = load_inline(CityModel.model_validate(document))
    with pytest.raises(InvalidInput, match="grid"):
        plan_night(loaded.city, loaded.snapshot, loaded.streets, limits=SolveLimits(rounds=10**9))
