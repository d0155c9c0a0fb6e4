"""What is said of the working night: read whole, and each contradiction told at its place with what would be right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from optimiser.basics.city import Break, Depot, Handling, Must, Prices, StationRules, Zone
from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from scenarios.conversion import read_city, to_city, to_musts
from scenarios.loader import load_city, load_inline
from scenarios.schema import CityModel
from tests.city_documents import CITY_TOML, city_document, write_city_folder
from tests.feed_folders import DOCKS, write_csv, write_gbfs_2

Change = Callable[[dict[str, Any]], Any]

WORK = """
[[station_rules]]
stations = ["A", "B"]
needs = ["gate key"]
open = ["06:00", "23:30"]

[[station_rules]]
stations = ["B"]
pick_up = false
once = true

[[station_rules]]
stations = ["C"]
drop_off = false
forbidden = true

[[zones]]
id = "centre"
stations = ["A", "C"]
floor = 3
cap = 9

[snapshot]
as_of = 2026-11-22T21:00:00+01:00
"""
VAN = """
batteries = 12
range_km = 80.5
skills = ["gate key", "lift"]
break = { minutes = 30, earliest = "00:30", latest = 02:30:00 }
"""


def whole_toml() -> str:
    toml = CITY_TOML.replace('shift = ["22:00", "05:30"]', 'shift = ["22:00", "05:30"]' + VAN)
    toml = toml.replace("lat = 59.911\n", "lat = 59.911\nstock = 6\nroom = 20\n")
    toml = toml.replace("bike_s = 45\n", "bike_s = 45\nswap_s = 70\ndepot_s = 200\n")
    return toml + "swap = 3\nbroken_left = 4\nmust = 500\nzone_bike = 6\nfairness = 7\n" + WORK


def test_a_folder_carries_the_whole_night(tmp_path: Path):
    folder = write_csv(write_city_folder(tmp_path, toml=whole_toml()))
    (folder / "musts.csv").write_text("station_id;visit;low;high;swaps;broken\nA;;4;6;;\nB;yes;;;;1\n")
    loaded = load_city(folder)
    city, (van,) = loaded.city, loaded.city.vans
    assert (van.batteries, van.range_m, van.skills) == (12, 80_500, frozenset({"gate key", "lift"}))
    assert van.break_ == Break(duration_s=1800, earliest=time(0, 30), latest=time(2, 30))
    assert city.depots == (Depot(id="depot", name="Depot", lon=10.751, lat=59.911, stock=6, room=20),)
    assert city.handling == Handling(stop_s=240, bike_s=45, swap_s=70, depot_s=200)
    assert city.prices == Prices(
        lost_trip=35,
        van_hour=400,
        van_km=5,
        van_use=150,
        swap=3,
        broken_left=4,
        must=500,
        zone_bike=6,
        fairness=7,
    )
    hours, key = (time(6), time(23, 30)), frozenset({"gate key"})
    assert city.rules == (
        StationRules(station_id="A", needs=key, open=hours),
        StationRules(station_id="B", needs=key, open=hours, may_pick_up=False, once=True),
        StationRules(station_id="C", may_drop_off=False, is_forbidden=True),
    )
    assert city.zones == (Zone(id="centre", station_ids=("A", "C"), floor=3, cap=9),)
    assert loaded.musts == (Must(station_id="A", low=4, high=6), Must(station_id="B", visit=True, broken=1))
    assert loaded.warnings == ()


def test_a_city_that_says_nothing_of_it_is_as_it_was():
    model = CityModel.model_validate(city_document())
    city, _, _ = to_city(model)
    (van,) = city.vans
    assert (van.batteries, van.range_m, van.skills, van.break_) == (0, None, frozenset(), None)
    assert (city.rules, city.zones, to_musts(model)) == ((), (), ())
    assert city.prices == Prices(lost_trip=35, van_hour=400, van_km=5, van_use=150)
    assert city.handling == Handling(stop_s=240, bike_s=45)


def whole_document() -> dict[str, Any]:
    document = city_document()
    document["vans"][0] |= {
        "batteries": 4,
        "range_km": 60,
        "skills": ["key"],
        "break": {"minutes": 30, "earliest": "00:30", "latest": "02:30"},
    }
    document["depots"][0] |= {"stock": 5, "room": 10}
    document["prices"] |= {"zone_bike": 1}
    document["station_rules"] = [{"stations": ["A", "B"], "needs": ["key"], "open": ["06:00", "23:30"]}]
    document["zones"] = [{"id": "z", "stations": ["A", "C"], "floor": 3}]
    document["musts"] = [{"station_id": "A", "low": 4}]
    return document


def test_entries_add_to_each_other():
    document = whole_document()
    document["vans"][0]["skills"] = ["key", "lift"]
    document["station_rules"].append({"stations": ["A"], "needs": ["lift"], "drop_off": False, "pick_up": True})
    document["station_rules"].append({"stations": ["A"], "pick_up": False})
    model = CityModel.model_validate(document)
    for told in (model, CityModel.model_validate_json(model.model_dump_json())):
        first = to_city(told)[0].rules[0]
        assert first == StationRules(
            station_id="A",
            needs=frozenset({"key", "lift"}),
            open=(time(6), time(23, 30)),
            may_pick_up=False,
            may_drop_off=False,
        )


def test_a_model_with_everything_survives_its_own_json():
    model = CityModel.model_validate(whole_document())
    assert CityModel.model_validate_json(model.model_dump_json()) == model
    assert model.model_dump(mode="json")["vans"][0]["break"] == {
        "minutes": 30,
        "earliest": "00:30:00",
        "latest": "02:30:00",
    }


def errors_of(document: dict[str, Any]) -> dict[str, Finding]:
    findings = Findings()
    assert read_city(document, findings) is None
    return {finding.where: finding for finding in findings.errors}


def rules(document: dict[str, Any], **changes: Any) -> None:
    document["station_rules"].append({"stations": ["A"]} | changes)


@pytest.mark.parametrize(
    ("change", "where", "code"),
    [
        (lambda d: d["vans"][0].update(range_km=0), "/vans/0/range_km", "greater_than"),
        (lambda d: d["vans"][0].update(batteries=-1), "/vans/0/batteries", "greater_than_equal"),
        (lambda d: d["vans"][0].update(skills=["a\nb"]), "/vans/0/skills/0", "text_control"),
        (lambda d: d["vans"][0].update(skills="key"), "/vans/0/skills", "tuple_type"),
        (lambda d: d["vans"][0].update(brake={}), "/vans/0/brake", "extra_forbidden"),
        (lambda d: d["vans"][0]["break"].update(minutes=0), "/vans/0/break/minutes", "greater_than_equal"),
        (lambda d: d["vans"][0]["break"].pop("latest"), "/vans/0/break/latest", "missing"),
        (lambda d: d["vans"][0]["break"].update(earliest="early"), "/vans/0/break/earliest", "time_parsing"),
        (lambda d: d["vans"][0]["break"].update(latest="00:29"), "/vans/0/break", "break_outside_shift"),
        (lambda d: d["vans"][0]["break"].update(latest="05:31"), "/vans/0/break", "break_outside_shift"),
        (lambda d: d["vans"][0]["break"].update(earliest="21:59"), "/vans/0/break", "break_outside_shift"),
        (lambda d: d["vans"][0]["break"].update(minutes=301), "/vans/0/break", "break_outside_shift"),
        (lambda d: d["depots"][0].update(stock=11), "/depots/0/stock", "stock_above_room"),
        (lambda d: d["prices"].update(must=-1), "/prices/must", "greater_than_equal"),
        (lambda d: d["handling"].update(swap_s=-1), "/handling/swap_s", "greater_than_equal"),
        (lambda d: rules(d, stations=["C"], open=["22:00", "22:00"]), "/station_rules/1/open", "hours_empty"),
        (lambda d: rules(d, open=["06:00", "23:30"]), "/station_rules/1/stations/0", "hours_twice"),
        (lambda d: rules(d, stations=["Z"]), "/station_rules/1/stations/0", "unknown_station"),
        (lambda d: rules(d, stations=[]), "/station_rules/1/stations", "too_short"),
        (lambda d: rules(d, pickup=False), "/station_rules/1/pickup", "extra_forbidden"),
        (lambda d: d["zones"][0].update(cap=2), "/zones/0/floor", "zone_reversed"),
        (lambda d: d["zones"][0].pop("floor"), "/zones/0", "zone_open"),
        (lambda d: d["zones"][0].update(stations=["A", "A"]), "/zones/0/stations/1", "duplicate_id"),
        (lambda d: d["zones"][0].update(stations=["A", "Z"]), "/zones/0/stations/1", "unknown_station"),
        (lambda d: d["zones"].append(d["zones"][0]), "/zones/1/id", "duplicate_id"),
        (lambda d: d["musts"][0].update(high=3), "/musts/0/low", "must_reversed"),
        (lambda d: d["musts"][0].update(low=11), "/musts/0/low", "must_above_capacity"),
        (lambda d: d["zones"][0].update(floor=None), "/zones/0", "zone_open"),
        (lambda d: d["musts"][0].pop("low"), "/musts/0", "must_empty"),
        (lambda d: d["musts"].append({"station_id": "B", "visit": False, "swaps": 0}), "/musts/1", "must_empty"),
        (lambda d: d["musts"].append({"station_id": "A", "visit": True}), "/musts/1/station_id", "duplicate_id"),
        (lambda d: d["musts"].append({"station_id": "Z", "visit": True}), "/musts/1/station_id", "unknown_station"),
        (lambda d: d.update(out_of_service=["A"]), "/out_of_service/0", "out_of_service_listed"),
        (
            lambda d: d["snapshot"]["stations"][0].update(disabled=3),
            "/snapshot/stations/0/disabled",
            "more_bikes_than_capacity",
        ),
    ],
)
def test_one_broken_thing_gives_that_one_error(change: Change, where: str, code: str):
    document = whole_document()
    change(document)
    found = errors_of(document)
    assert list(found) == [where]
    assert found[where].code == code
    assert found[where].hint or code in {"missing", "tuple_type"}


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["vans"][0]["break"].update(earliest="22:00", latest="05:30", minutes=450),  # all the shift
        lambda d: d["vans"][0]["break"].update(earliest="02:30"),  # one moment
        lambda d: d["depots"][0].update(stock=10),
        lambda d: rules(d, stations=["A", "B"], once=True, needs=["key"]),  # adds to what is said of them
        lambda d: d["zones"][0].update(cap=3),
        lambda d: d["musts"][0].update(low=10, high=10),
        lambda d: d["snapshot"]["stations"][0].update(disabled=2),
    ],
)
def test_what_is_just_possible_is_accepted(change: Change):
    document = whole_document()
    change(document)
    findings = Findings()
    assert read_city(document, findings) is not None
    assert findings.items == []


def test_a_misspelt_key_is_answered_with_the_right_one():
    document = whole_document()
    document["vans"][0]["brake"] = 1
    document["vans"][0]["break"]["minuts"] = 1
    found = errors_of(document)
    assert found["/vans/0/brake"].hint == "did you mean break?"
    assert found["/vans/0/break/minuts"].hint == "did you mean minutes?"


def test_errors_in_the_table_of_must_do_work_name_its_rows(tmp_path: Path):
    folder = write_gbfs_2(write_city_folder(tmp_path))
    (folder / "musts.csv").write_text("station_id,low,high,visit\nA,9,2,\nB,,,perhaps\nZ,,,yes\nC,,,\n")
    with pytest.raises(InvalidInput) as caught:
        load_city(folder)
    assert {(finding.source, finding.where): finding.code for finding in caught.value.findings} == {
        ("musts.csv", "row 2, low"): "must_reversed",
        ("musts.csv", "row 3, visit"): "bool_parsing",
        ("musts.csv", "row 4, station_id"): "unknown_station",
        ("musts.csv", "row 5"): "must_empty",
    }


def test_what_is_said_of_a_station_out_of_service_is_no_mistake(tmp_path: Path):
    toml = whole_toml()
    folder = write_csv(write_city_folder(tmp_path, toml=toml), DOCKS[:2])
    with (folder / "station_information.csv").open("a") as file:
        file.write("C,Charlie,59.93,10.77,6\n")  # described, not reported
    (folder / "musts.csv").write_text("station_id,visit\nC,yes\n")
    (folder / "targets.csv").write_text("station_id,low,high\nA,1,2\nB,1,2\nC,1,2\n")
    loaded = load_city(folder)
    assert [station.id for station in loaded.city.stations] == ["A", "B"]
    assert loaded.musts == (Must(station_id="C", visit=True),)
    # The rules forbid stops at C.
    assert [warning.code for warning in loaded.warnings] == ["status_missing", "must_impossible"]


def test_wishes_that_nobody_can_fulfil_are_warnings():
    document = whole_document()
    document["station_rules"].append({"stations": ["C"], "needs": ["kee"], "forbidden": True})
    document["prices"]["zone_bike"] = 0
    document["vans"][0]["batteries"] = 0
    document["snapshot"]["stations"][0] |= {"low_charge": 1}
    document["musts"] = [
        {"station_id": "A", "swaps": 1},
        {"station_id": "B", "swaps": 2, "broken": 1},
        {"station_id": "C", "visit": True},
    ]
    warnings = load_inline(CityModel.model_validate(document)).warnings
    assert [(warning.code, warning.where) for warning in warnings] == [
        ("skill_unknown", "/station_rules/1/needs/0"),
        ("zone_unpriced", "/zones"),
        ("must_impossible", "/musts/0/swaps"),
        ("must_impossible", "/musts/1/swaps"),
        ("must_impossible", "/musts/1/broken"),
        ("must_impossible", "/musts/2/station_id"),
    ]
    assert warnings[0].hint == "did you mean key?"
