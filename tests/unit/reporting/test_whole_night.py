"""
Every report of a night with everything in it: the night of `whole_nights`, with wishes and prices on top.

Van 1 loads a bike at D, takes 3 bikes and a broken one from A and swaps two batteries there, has its break, leaves 2
bikes and the broken one at D, waits at B and drops 3. Van 2 takes one bike from A first. A: 8 - 1 - 3 + 2 = 6 ready,
none low or broken, three docks freed; B: 1 + 3 = 4. Of what A must do one bike too many and one swap stay open.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace

import pytest

from optimiser.basics.city import Must as CityMust
from optimiser.basics.city import Prices
from optimiser.network.straight_line import StraightLine
from optimiser.rebalancing.plan import Plan, Route, Stop
from optimiser.rebalancing.problem import Break, Must, Zone
from optimiser.reporting.document import plan_document, to_json
from optimiser.reporting.driving import carried, work
from optimiser.reporting.files import night_files
from optimiser.reporting.geojson import routes_geojson
from optimiser.reporting.html import report_html
from optimiser.reporting.key_figures import key_figures
from optimiser.reporting.night import LeftOut, Night
from optimiser.reporting.page import cost_parts, route_tables
from optimiser.reporting.tables import route_sheet_csv
from optimiser.reporting.wishes import left_undone, must_do, zone_outcomes, zones_missed
from tests.unit.rebalancing.whole_nights import PLAN, make_a, make_van, whole_night
from tests.unit.reporting.nights import night_of, small_night
from tests.unit.reporting.replayer import replay_plan

TRAVEL = StraightLine(circuity=1.3, speed_kmh=25)
PRICES = Prices(
    lost_trip=10.0,
    van_hour=36.0,
    van_km=1.0,
    van_use=2.0,
    swap=0.5,
    broken_left=7.0,
    must=100.0,
    zone_bike=3.0,
    fairness=4.0,
)
OUT = LeftOut(station_id="X", code="FAR_FROM_STREET", text="412 m from the nearest street", distance_m=412.0)


def everything(plan: Plan = PLAN) -> Night:
    """The night with wishes of every kind, one of them at a station that takes no part."""
    given = whole_night(
        a=make_a(must=Must(visit=True, low=2, high=5, swaps=3, broken=1)),
        zones=(
            Zone(id="north", station_ids=("A", "B"), floor=12, cap=20),
            Zone(id="south", station_ids=("B",), cap=5),
        ),
        prices=PRICES,
    )
    names = {"A": "<b>Alpha</b>", "D": "<i>Depot</i>"}
    musts_out = [CityMust(station_id="X", visit=True)]
    return night_of(given, plan, names=names, left_out=[OUT], musts_out=musts_out)


def document_of(night: Night) -> dict:
    return json.loads(to_json(plan_document(night)))


def test_a_stranger_replays_the_whole_night_from_the_file_alone():
    found = replay_plan(to_json(plan_document(everything())))
    assert found["held"] == {"A": 6, "B": 4}
    assert found["loads"] == {"van-1": 0, "van-2": 1}
    # Van 1 works 1050 s and drives 3,200 m, van 2 390 s and 2,800 m.
    assert (found["seconds"], found["metres"]) == (1050 + 390, 3200 + 2800)


def test_every_term_of_the_cost_is_told():
    cost = document_of(everything())["cost"]["after"]
    # B opens with 4 where 3 are wanted: one trip. 1440 s at 36 an hour; 6 km; two vans.
    assert (cost["lost_trips"], cost["van_hours"], cost["van_km"], cost["van_use"]) == (10, 14.4, 6, 4)
    # Two swaps; none broken left; a bike too many and a swap missing; north is two short of 12.
    assert (cost["swaps"], cost["broken_left"], cost["must"], cost["zones"]) == (1, 0, 200, 6)
    # 1050 and 390 s are each 330 s from their mean: 660 s at 4 an hour.
    assert cost["fairness"] == pytest.approx(4 * 660 / 3600)
    assert cost["total"] == pytest.approx(10 + 14.4 + 6 + 4 + 1 + 200 + 6 + 4 * 660 / 3600)


def test_the_document_tells_stops_loads_and_breaks():
    document = document_of(everything())
    first, depot, last = document["routes"][0]["stops"]
    assert (first["swaps"], first["low_charge_pickup"], first["broken_pickup"], first["lifted"]) == (2, 0, 1, 4)
    assert (first["batteries_after"], first["docks_freed"], first["broken_load_after"]) == (0, 3, 1)
    assert (depot["station_id"], depot["is_depot"], depot["inventory_after"]) == ("D", True, 2)
    assert (depot["lifted"], depot["batteries_taken"], depot["batteries_after"]) == (3, 2, 2)
    assert (last["wait_s"], last["is_depot"]) == (20, False)
    route = document["routes"][0]
    assert (route["initial_load"], route["start_load"]) == (1, 2)
    assert route["departs"] == "2026-11-22T22:00:10+01:00"
    assert route["break"] == {
        "before_stop": 1,
        "begin": "2026-11-22T22:05:10+01:00",
        "end": "2026-11-22T22:06:50+01:00",
        "duration_s": 100,
    }
    home = next(item for item in document["depots"] if item["depot_id"] == "D")
    assert (home["stock"], home["room"], home["stock_after"], home["broken_brought"]) == (1, 2, 2, 1)
    assert document["vans"][0]["skills"] == ["key"]
    assert document["stations"][0]["rules"]["needs"] == ["key"]
    assert document["stations"][1]["rules"]["opens"] == "2026-11-22T22:13:40+01:00"


def test_the_replayer_notices_a_wrong_number_in_the_whole_night():
    """The judge itself is judged: each broken document is refused."""

    def stop(document: dict, index: int) -> dict:
        return document["routes"][0]["stops"][index]

    for breaking in (
        lambda document: document["routes"][0].update(start_load=1),
        lambda document: document["routes"][0]["break"].update(begin="2026-11-22T22:05:11+01:00"),
        lambda document: document["routes"][0].update({"break": None}),
        lambda document: stop(document, 0).update(swaps=1),
        lambda document: stop(document, 0).update(broken_pickup=0),
        lambda document: stop(document, 0).update(low_charge_pickup=1),
        lambda document: stop(document, 1).update(batteries_taken=1),
        lambda document: stop(document, 1).update(is_depot=False),
        lambda document: stop(document, 2).update(wait_s=0),
        lambda document: document["vans"][0].update(batteries=1),
        lambda document: document["vans"][0].update(skills=[]),
        lambda document: document["vans"][0].update(range_m=3199),
        lambda document: document["depots"][0].update(room=1),
        lambda document: document["depots"][0].update(broken_brought=0),
        lambda document: document["stations"][0].update(docks_freed=2),
        lambda document: document["stations"][0].update(low_charge_after=1),
        lambda document: document["stations"][1]["rules"].update(closes="2026-11-22T22:15:49+01:00"),
        lambda document: document["must_do"][2].update(missing=0),
        lambda document: document["zones"][0].update(short=1),
        lambda document: document["prices"].update(fairness=5),
    ):
        document = document_of(everything())
        breaking(document)
        with pytest.raises((AssertionError, KeyError)):
            replay_plan(json.dumps(document))


def test_must_do_work_and_zones_say_what_was_asked_and_what_became_of_it():
    night = everything()
    assert [(entry.station_id, entry.kind, entry.asked, entry.missing) for entry in must_do(night)] == [
        ("A", "visit", 1, 0),
        ("A", "low", 2, 0),
        ("A", "high", 5, 1),
        ("A", "swaps", 3, 1),
        ("A", "broken", 1, 0),
        ("X", "visit", 1, None),
    ]
    assert left_undone(night) == [
        "<b>Alpha</b> (A): 5 ready bikes at most, 1 too many",
        "<b>Alpha</b> (A): 3 battery swaps, 1 not done",
        "Station X (X): a visit, the station takes no part tonight",
    ]
    north, south = zone_outcomes(night)
    assert (north.bikes_before, north.bikes_after, north.short, north.over) == (9, 10, 2, 0)
    assert (south.bikes_after, south.is_missed) == (4, False)
    assert zones_missed(night) == ["zone north: 12 at least, 20 at most, opens with 10, 2 short"]


def test_doing_nothing_leaves_every_piece_of_must_do_work():
    night = everything(Plan())
    # A holds 8 where 5 are the most; nobody comes, swaps or takes the broken one.
    missing = {entry.kind: entry.missing for entry in must_do(night) if entry.station_id == "A"}
    assert missing == {"visit": 1, "low": 0, "high": 3, "swaps": 3, "broken": 1}
    assert night.cost_after.must == 100 * 8
    replay_plan(to_json(plan_document(night)))


def test_a_night_without_wishes_tells_of_none():
    assert (must_do(small_night()), zone_outcomes(small_night())) == ((), ())
    assert (left_undone(small_night()), zones_missed(small_night())) == ([], [])


def test_key_figures_count_every_kind_of_bike_and_hour():
    figures = key_figures(everything())
    assert (figures.before.bikes_low_on_charge, figures.before.bikes_broken) == (2, 1)
    assert (figures.after.bikes_low_on_charge, figures.after.bikes_broken) == (0, 0)
    # Before: 9 at stations, 1 on van 1, 1 in D's stock. After: two more ready ones by swaps.
    assert figures.before.bikes_at_stations + figures.before.bikes_in_vans == 11
    assert figures.after.bikes_at_stations + figures.after.bikes_in_vans == 13
    work = figures.work
    assert (work.stops, work.depot_calls, work.batteries_swapped, work.broken_picked_up) == (4, 1, 2, 1)
    # At stations van 1 takes 3 and drops 3, van 2 takes 1.
    assert work.bikes_moved == 4
    # 1 loaded at D, 4 at A, 3 at D, 3 at B, 1 by van 2.
    assert work.bike_handlings == 12
    assert work.van_hours == pytest.approx(work.drive_hours + work.handling_hours + work.wait_hours + work.break_hours)
    assert (work.wait_hours, work.break_hours) == (20 / 3600, 100 / 3600)
    assert (work.must_do_left, work.zones_missed) == (3, 1)
    whole = sum(value for name, value in vars_of(work).items() if name.startswith("cost_"))
    assert whole == pytest.approx(work.total_cost_after)


def vars_of(work) -> dict:
    return {name: getattr(work, name) for name in work.__dataclass_fields__}


def test_the_route_sheet_has_every_piece_of_work_in_driving_order():
    sheet = list(csv.DictReader(io.StringIO(route_sheet_csv(everything()), newline="")))
    rows = [row for row in sheet if row["van"] == "van-1"]
    assert [row["stop"] for row in rows] == ["0", "1", "break", "2", "3", "4"]
    start, first, rest, depot, last, end = rows
    assert start["note"].startswith("load 1 bike at the depot first. leave with 2 bikes.")
    assert (start["leave"], start["load_after"], start["batteries_on_board"]) == ("2026-11-22 22:00:10+01:00", "2", "2")
    assert (first["pick_up"], first["swap"], first["low_charge_up"], first["broken_up"]) == ("3", "2", "0", "1")
    assert (first["load_after"], first["broken_on_board"], first["batteries_on_board"]) == ("5", "1", "0")
    assert (rest["arrive"][11:19], rest["leave"][11:19]) == ("22:05:10", "22:06:50")
    assert (depot["station_id"], depot["drop_off"], depot["broken_on_board"]) == ("D", "2", "0")
    assert depot["note"] == (
        "depot: leave 2 bikes, leave 1 bike low on charge or broken, take 2 batteries; 2 bikes in stock afterwards"
    )
    assert last["note"].startswith("opens 22:13, wait 1 min. 4 bikes stand here afterwards, target 3 to 3")
    assert end["note"] == "return with 0 bikes"


def test_the_map_has_the_call_at_the_depot_and_what_is_on_board():
    features = routes_geojson(everything(), TRAVEL)["features"]
    call = next(item for item in features if item["id"] == "stop/van-1/2")
    assert (call["properties"]["station_id"], call["properties"]["is_depot"]) == ("D", True)
    legs = [item["properties"] for item in features if item["id"].startswith("leg/van-1")]
    # Two bikes, then five and a broken one, then three, then none.
    assert [(leg["from"], leg["to"], leg["load"]) for leg in legs] == [
        ("D", "A", 2),
        ("A", "D", 6),
        ("D", "B", 3),
        ("B", "D", 0),
    ]


def page(night: Night) -> str:
    return report_html(night, geojson=routes_geojson(night, TRAVEL), street_lines=())


def test_the_page_shows_all_of_it_and_lets_no_name_out_of_its_place():
    text = page(everything())
    for fact in (
        "load 1 bike at the depot first",
        "Break</td>",
        "22:05",
        "waits until 22:13",
        "leave 2 bikes, leave 1 bike low on charge or broken, take 2 batteries",
        "3 battery swaps",
        "✗ 1 not done",
        "✗ the station takes no part tonight",
        "12 at least, 20 at most together",
        "9 → 10 bikes, 2 short",
        "✓ 1 → 4 bikes, met",
        "batteries swapped",
        "200 must-do work left",
        "6 zones missed",
        "low on charge: 2 → 0 · broken: 1 → 0",
    ):
        assert fact in text, fact
    assert "<b>Alpha" not in text
    assert "<i>Depot" not in text


def test_every_row_of_a_routes_table_has_as_many_cells_as_its_head():
    for night in (everything(), small_night()):
        text = page(night)
        for table in re.findall(r'<table>\s*<thead><tr><th scope="col">Stop.*?</table>', text, flags=re.S):
            head, *rows = re.findall(r"<tr.*?</tr>", table, flags=re.S)
            width = head.count("<th ")
            for row in rows:
                spans = sum(int(span) - 1 for span in re.findall(r'colspan="(\d+)"', row))
                assert row.count("<td") + row.count("<th ") + spans == width, row


def test_a_page_of_a_plain_night_shows_no_column_that_it_has_no_use_for():
    text = page(small_night())
    for word in ("Swap</th>", "Broken up", "Batteries", "Must-do work", "must-do work left", "Break</td>"):
        assert word not in text


def test_a_break_after_the_last_stop_and_before_the_first_have_their_rows():
    van = make_van(break_=Break(duration_s=600, earliest_s=0, latest_s=5000), shift_end_s=5000)
    given = whole_night(van_1=van, depots=())
    for before in (0, 1):
        plan = Plan(routes=(Route(van_id="van-1", stops=(Stop(station_id="A", pickup=1),), break_before=before),))
        night = night_of(given, plan)
        replay_plan(to_json(plan_document(night)))
        rows = list(csv.DictReader(io.StringIO(route_sheet_csv(night), newline="")))
        assert [row["stop"] for row in rows].index("break") == before + 1
        assert page(night).count("Break</td>") == 1


def test_a_station_may_open_with_more_ready_bikes_than_fitted_when_the_night_began():
    # 8 ready in room for 8; two swaps make ten ready ones in ten docks.
    a = make_a(must=None)
    a = replace(
        a,
        capacity=8,
        target=replace(a.target, lost_trips=a.target.lost_trips[:9]),
        lost_trips_freed=(a.target.lost_trips[:10], a.target.lost_trips[:11]),
    )
    given = whole_night(a=a, van_1=make_van(break_=None))
    plan = Plan(routes=(Route(van_id="van-1", stops=(Stop(station_id="A", swaps=2),)),))
    night = night_of(given, plan)
    found = replay_plan(to_json(plan_document(night)))
    assert found["held"]["A"] == 10
    station = document_of(night)["stations"][0]
    # Six is the most that is wanted: ten are four too many, and no further bike fits.
    assert (station["expected_lost_after"], station["worth_of_next_bike_in"]) == (4, None)
    assert station["worth_of_next_bike_out"] == 1
    assert key_figures(night).after.stations_full == 1
    files = night_files(night, TRAVEL)
    assert "swaps 2 batteries" in files["report.html"].decode()
    (left,) = [entry for entry in json.loads(files["unserved.json"])["unserved"] if entry["station_id"] == "A"]
    assert left["expected_lost_after"] == 4


def test_the_file_of_what_is_left_names_must_do_work_and_zones():
    left = json.loads(night_files(everything(), TRAVEL)["unserved.json"])
    assert [(entry["station_id"], entry["kind"]) for entry in left["must_do"]] == [
        ("A", "high"),
        ("A", "swaps"),
        ("X", "visit"),
    ]
    assert [zone["zone_id"] for zone in left["zones"]] == ["north"]


def test_costs_that_a_city_has_no_use_for_are_not_told():
    assert [label for label, _ in cost_parts(small_night())] == ["lost trips", "hours", "km", "vans"]


def test_words_of_a_stop():
    assert work(Stop(station_id="A", pickup=3)) == "picks up 3"
    assert (
        work(Stop(station_id="A", pickup=3, swaps=1, broken_pickup=2))
        == "picks up 3, swaps 1 battery and takes 2 broken"
    )
    assert work(Stop(station_id="A")) == "calls"
    assert carried(1, 2, 3) == "1 bike, 2 low on charge, 3 broken"
    assert [table["columns"] for table in route_tables(small_night())] == [
        {"swaps": False, "low": False, "broken": False, "batteries": False}
    ]
