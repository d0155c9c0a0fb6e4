"""A night of two drivers, three stations and four cars, counted by hand: one is plugged in, one is moved twice."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from optimiser.network.straight_line import StraightLine
from optimiser.relocation.check import check
from optimiser.relocation.plan import Charge, Job, Plan, Route
from optimiser.relocation.problem import Problem
from optimiser.reporting.relocation_figures import car_figures, energy_saving
from optimiser.reporting.relocation_files import relocation_files
from optimiser.reporting.relocation_unserved import unserved_wishes
from tests.car_nights import planned
from tests.unit.relocation.nights import HOUR, car, driver, night
from tests.unit.reporting.relocation_replayer import faults

STRAIGHT = StraightLine(circuity=1.0, speed_kmh=36.0)
LOW_KWH = 8 - 3 * 0.2 + 5.5 * 2190 / HOUR + 11 - 0.2
MID_KWH = 15 + 5.5 * 860 / HOUR - 0.2


def problem() -> Problem:
    """Beside the ready and the low car, one that is out of service at a, and one on the only plug, nearly ready."""
    cars = (
        car("full", "a", energy_kwh=30.0),
        car("low", "a"),
        car("mid", "hub", energy_kwh=15.0, plug_id="p1"),
        car("broken", "a", energy_kwh=20.0, in_service=False, can_move=False),
    )
    return night(cars=cars, drivers=(driver("dora"), driver("ed")))


def plan() -> Plan:
    """
    Ed frees the plug, Dora brings the low car to it, Ed takes that on to b.

    ed    home -> hub 60 + 4000/5 = 860; 120 + 40, leaves 1020; 100, at b 1120; parked 1180
          b -> hub 60 + 1000/5 = 260, there 1440, waits until 7200; leaves 7360; at b 7460; 7520; home 660 later, 8180
    dora  home -> a 260, waits until 900; leaves 1020; 300, at the hub 1320; parked 1380, on the plug 1410
          hub -> home 860, home 2270

    On the plug: mid 0..860 s, low 1410..7200 s.
    """
    mid_to_b = Job(car_id="mid", origin_id="hub", station_id="b", unplug=True)
    low_to_b = Job(car_id="low", origin_id="hub", station_id="b", unplug=True, not_before_s=7200)
    low_to_hub = Job(car_id="low", origin_id="a", station_id="hub", plug_id="p1", not_before_s=900)
    return Plan(
        routes=(Route(driver_id="dora", jobs=(low_to_hub,)), Route(driver_id="ed", jobs=(mid_to_b, low_to_b))),
        charges=(
            Charge(car_id="mid", station_id="hub", plug_id="p1", first_slot=0, kw=(5.5,)),
            Charge(car_id="low", station_id="hub", plug_id="p1", first_slot=0, kw=(5.5, 11.0)),
        ),
    )


def files() -> dict[str, bytes]:
    """All files of the night."""
    return relocation_files(planned(problem(), plan()), STRAIGHT, {"bike": STRAIGHT})


def document() -> dict[str, Any]:
    """plan.json, read again."""
    return dict(json.loads(files()["plan.json"]))


def test_the_night_breaks_no_rule_and_is_replayed() -> None:
    """By the checker, and by the program that knows nothing of us."""
    assert check(problem(), plan()) == ()
    assert faults(document()) == []


def arrives_fuller(told: dict[str, Any]) -> None:
    told["routes"][1]["jobs"][1]["energy_at_reach_kwh"] += 0.5


def draws_less(told: dict[str, Any]) -> None:
    told["sites"][0]["planned"]["kw"][1] -= 1.0


def plugs_in_early(told: dict[str, Any]) -> None:
    told["stations"][2]["plugs"][0]["free_from"] = told["opening"]


def closes_early(told: dict[str, Any]) -> None:
    told["stations"][2]["closes"] = "2026-11-27T00:00:00+01:00"


def starts_fuller(told: dict[str, Any]) -> None:
    told["cars"][1]["energy_before_kwh"] += 1.0


def is_booked(told: dict[str, Any]) -> None:
    told["cars"][1]["available_until"] = "2026-11-27T00:30:00+01:00"


def wants_a_skill(told: dict[str, Any]) -> None:
    told["cars"][1]["needs"] = ["van"]


@pytest.mark.parametrize(
    "spoil", [arrives_fuller, draws_less, plugs_in_early, closes_early, starts_fuller, is_booked, wants_a_skill]
)
def test_the_replayer_sees_what_cannot_be(spoil: Callable[[dict[str, Any]], None]) -> None:
    """One number or moment changed, and it is found out."""
    told = document()
    spoil(told)
    assert faults(told)


def test_key_figures() -> None:
    """Counted one by one; a ready car that nobody can rent at the hub saves no trip until it is at b."""
    told = document()
    before, after = told["kpis"]["before"], told["kpis"]["after"]
    assert (before["lost_trips"], after["lost_trips"], told["trips_saved"]) == (1.0, 0.0, 1.0)
    assert (before["ready_cars"], after["ready_cars"]) == (2, 3)
    assert (after["drivers"], after["jobs"], after["cars_moved"]) == (2, 3, 2)
    assert (after["plugged_in"], after["unplugged"]) == (1, 2)
    assert (after["car_km"], after["ride_km"]) == pytest.approx((5.0, 13.0))
    assert after["driver_hours"] == pytest.approx((2270 + 8180) / HOUR)
    kwh = 5.5 * (860 + 2190) / HOUR + 11
    assert (after["charged_kwh"], after["energy_cost"], after["co2_kg"]) == pytest.approx((kwh, kwh, 0.1 * kwh))
    assert told["saved"] == pytest.approx(told["cost"]["before"]["total"] - told["objective"])


def test_stations_and_cars_before_and_after() -> None:
    """Where each car is, with its charge, and whose jobs it is in."""
    told = document()
    a, b, hub = told["stations"]
    assert (a["cars_before"], a["cars_after"], b["cars_after"], hub["cars_after"]) == (3, 2, 2, 0)
    assert (hub["plugs_used_before"], hub["plugs_used_after"], a["plugs_used_after"]) == (1, 1, 0)
    cars = {each["car_id"]: each for each in told["cars"]}
    assert cars["low"]["jobs"] == [{"driver_id": "dora", "job": 1}, {"driver_id": "ed", "job": 2}]
    assert cars["full"]["jobs"] == []
    assert (cars["low"]["charge_before"], cars["low"]["charge_after"]) == pytest.approx((0.2, LOW_KWH / 40))
    assert cars["mid"]["charge_after"] == pytest.approx(MID_KWH / 40)


def test_power_of_the_site() -> None:
    """Two cars share 11 kW in the first hour, one after the other on the same plug."""
    (site,) = document()["sites"]
    assert (site["station_id"], site["site_kw"]) == ("hub", 11.0)
    assert site["planned"]["kw"] == [11.0, 11.0] + [0.0] * 8
    assert site["planned"]["peak_kw"] == 11.0
    assert site["planned"]["grid_kwh"][:2] == pytest.approx([5.5 * (860 + 2190) / HOUR, 11.0])
    assert sum(site["planned"]["grid_kwh"]) == pytest.approx(site["planned"]["cost"])
    assert len(site["at_once"]["kw"]) == 10


def test_what_is_saved_by_other_hours_and_what_by_fewer_kwh() -> None:
    """40 kWh for 60 against 30 for 30: 30 kWh cost 15 less than at 1.50, and 10 are not charged at all."""
    figures = car_figures(problem(), planned(problem(), plan()).timeline)
    parts = energy_saving(
        replace(figures, charged_kwh=40.0, energy_cost=60.0), replace(figures, charged_kwh=30.0, energy_cost=30.0)
    )
    assert (parts.by_hours, parts.by_kwh, parts.fewer_kwh) == (15.0, 15.0, 10.0)
    told = document()
    smart = told["smart_charging"]
    saved = smart["energy_at_once"] - told["cost"]["after"]["energy"]
    assert smart["energy_saving"]["by_hours"] + smart["energy_saving"]["by_kwh"] == pytest.approx(saved)
    assert smart["energy_saving"]["fewer_kwh"] == pytest.approx(
        smart["kwh_at_once"] - told["kpis"]["after"]["charged_kwh"]
    )


def test_every_moment_has_its_offset_and_no_number_is_nan() -> None:
    """Any text that is a moment has one, wherever it stands; JSON has neither NaN nor Infinity."""
    made = files()
    for name in ("plan.json", "routes.geojson", "unserved.json"):
        json.loads(made[name], parse_constant=pytest.fail)
    moments = [text for text in texts(document()) if text[:5] == "2026-"]
    assert len(moments) > 20
    assert all(datetime.fromisoformat(text).tzinfo is not None for text in moments)
    assert document()["routes"][0]["returns"] == "2026-11-26T23:37:50+01:00"


def test_sheets_of_both_drivers() -> None:
    """Each in order of the clock; Dora waits until the plug is free."""
    rows = list(csv.DictReader(io.StringIO(files()["driver_sheet.csv"].decode(), newline="")))
    dora = [row for row in rows if row["driver"] == "dora"]
    actions = ["begin", "ride", "wait", "open", "drive", "park", "plug in", "ride", "end"]
    assert [row["action"] for row in dora] == actions
    assert (dora[2]["from"], dora[2]["until"]) == ("2026-11-26 23:04:20+01:00", "2026-11-26 23:15:00+01:00")
    ed = [row["action"] for row in rows if row["driver"] == "ed"]
    assert ed.count("unplug") == 2
    assert rows == sorted(rows, key=lambda row: (row["driver"], int(row["step"])))


def test_only_the_car_out_of_service_is_left() -> None:
    """Every station opens as wanted."""
    left = [(wish.kind, wish.id, wish.code) for wish in unserved_wishes(planned(problem(), plan()))]
    assert left == [("car", "broken", "OUT_OF_SERVICE"), ("place", "far", "FAR_FROM_STREET")]


def texts(value: Any) -> list[str]:
    """All texts in a document."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [value] if isinstance(value, str) else []
