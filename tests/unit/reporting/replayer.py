"""
Replays plan.json from its text alone, as a stranger would: nothing of the product is imported here.

Returns what it recomputed; raises AssertionError at the first place where the document contradicts itself.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from datetime import datetime, timedelta


def replay_plan(text: str | bytes) -> dict:
    document = json.loads(text, parse_constant=lambda word: (_ for _ in ()).throw(AssertionError(word)))
    stations = {station["station_id"]: station for station in document["stations"]}
    vans = {van["van_id"]: van for van in document["vans"]}
    depots = {depot["depot_id"]: depot for depot in document["depots"]}
    moves, drives = [], {}
    for number, route in enumerate(document["routes"]):
        drives[route["van_id"]] = _drive(
            document["handling"], vans[route["van_id"]], stations, route, number=number, moves=moves
        )
    held = _move(document, stations, depots, vans, moves)
    work = Counter()
    for _, _, _, stop in moves:
        if "station_id" in stop:
            work[stop["station_id"], "visit"] += 1
            work[stop["station_id"], "swaps"] += stop["swaps"]
            work[stop["station_id"], "broken"] += stop["broken_pickup"]
    objective = _price(document, stations, held, drives, work)
    assert math.isclose(objective, document["objective"], rel_tol=1e-9, abs_tol=1e-9)
    assert document["best_bound"] <= document["objective"] + 1e-9
    return {
        "objective": objective,
        "held": {station_id: bikes["ready"] for station_id, bikes in held.items() if station_id in stations},
        "loads": {
            van_id: drives[van_id]["ready"] if van_id in drives else van["initial_load"] for van_id, van in vans.items()
        },
        "metres": sum(drive["metres"] for drive in drives.values()),
        "seconds": sum(drive["seconds"] for drive in drives.values()),
    }


def _drive(handling: dict, van: dict, stations: dict, route: dict, *, number: int, moves: list) -> dict:
    """Clock, loads and batteries of one van; what it moves is noted with its time."""
    clock = begins = datetime.fromisoformat(route["begins"])
    assert clock.utcoffset() is not None
    assert clock >= datetime.fromisoformat(van["shift_start"])
    assert route["initial_load"] == van["initial_load"]
    clock += timedelta(seconds=handling["bike_s"] * abs(route["start_load"] - route["initial_load"]))
    assert clock == datetime.fromisoformat(route["departs"])
    moves.append(
        (clock, number, -1, {"depot": van["start_depot_id"], "ready": van["initial_load"] - route["start_load"]})
    )
    load = {
        "ready": route["start_load"],
        "low": van["initial_low_charge_load"],
        "broken": van["initial_broken_load"],
    }
    assert 0 <= sum(load.values()) <= van["slots"]
    batteries, metres = van["initial_batteries"], 0
    for index, stop in enumerate(route["stops"]):
        clock = _rest(van, route, index, clock)
        clock += timedelta(seconds=stop["drive_s"])
        assert clock == datetime.fromisoformat(stop["arrival"])
        load["ready"] += stop["pickup"] - stop["dropoff"]
        lifted = stop["pickup"] + stop["dropoff"]
        if stop["is_depot"]:
            assert stop["swaps"] == stop["low_charge_pickup"] == stop["broken_pickup"] == stop["wait_s"] == 0
            assert stop["batteries_taken"] == van["batteries"] - batteries
            lifted += load["low"] + load["broken"]
            seconds = handling["depot_s"] + handling["bike_s"] * lifted
            load["low"] = load["broken"] = 0
            batteries = van["batteries"]
        else:
            rules = stations[stop["station_id"]]["rules"]
            assert set(rules["needs"]) <= set(van["skills"])
            assert not rules["forbidden"]
            assert rules["pick_up"] or not stop["pickup"]
            assert rules["drop_off"] or not stop["dropoff"]
            if rules["opens"] is not None:
                waited = max(timedelta(0), datetime.fromisoformat(rules["opens"]) - clock)
                assert stop["wait_s"] == waited.total_seconds()
                clock += waited
            load["low"] += stop["low_charge_pickup"]
            load["broken"] += stop["broken_pickup"]
            batteries -= stop["swaps"]
            lifted += stop["low_charge_pickup"] + stop["broken_pickup"]
            seconds = handling["stop_s"] + handling["bike_s"] * lifted + handling["swap_s"] * stop["swaps"]
            assert rules["closes"] is None or clock + timedelta(seconds=seconds) <= datetime.fromisoformat(
                rules["closes"]
            )
        assert stop["lifted"] == lifted
        clock += timedelta(seconds=seconds)
        assert clock == datetime.fromisoformat(stop["departure"])
        assert min(load.values()) >= 0
        assert sum(load.values()) <= van["slots"]
        assert batteries >= 0
        told = (stop["load_after"], stop["low_charge_load_after"], stop["broken_load_after"], stop["batteries_after"])
        assert told == (load["ready"], load["low"], load["broken"], batteries)
        metres += stop["distance_m"]
        moves.append((clock, number, index, stop))
    clock = _rest(van, route, len(route["stops"]), clock)
    clock += timedelta(seconds=route["last_leg"]["drive_s"])
    metres += route["last_leg"]["distance_m"]
    assert clock == datetime.fromisoformat(route["returns"])
    assert clock <= datetime.fromisoformat(van["shift_end"])
    assert van["break"] is None or route["break"] or clock <= datetime.fromisoformat(van["break"]["latest"])
    assert (clock - begins).total_seconds() == route["duration_s"]
    assert metres == route["distance_m"]
    assert van["range_m"] is None or metres <= van["range_m"]
    assert load == {
        "ready": route["load_at_end"],
        "low": route["low_charge_at_end"],
        "broken": route["broken_at_end"],
    }
    moves.append((clock, number, len(route["stops"]), {"depot": van["end_depot_id"], **load}))
    return {**load, "metres": metres, "seconds": route["duration_s"]}


def _rest(van: dict, route: dict, index: int, clock: datetime) -> datetime:
    """The clock after a break that is taken before stop `index`."""
    rest = route["break"]
    if rest is None or rest["before_stop"] != index:
        return clock
    assert clock == datetime.fromisoformat(rest["begin"])
    assert datetime.fromisoformat(van["break"]["earliest"]) <= clock <= datetime.fromisoformat(van["break"]["latest"])
    assert rest["duration_s"] == van["break"]["duration_s"]
    clock += timedelta(seconds=rest["duration_s"])
    assert clock == datetime.fromisoformat(rest["end"])
    return clock


def _move(document: dict, stations: dict, depots: dict, vans: dict, moves: list) -> dict:
    """Bikes of each kind at every place in time order, and the books of the whole night."""
    held = {
        id_: {"ready": one["bikes_before"], "low": one["low_charge_before"], "broken": one["broken_before"]}
        for id_, one in stations.items()
    }
    held |= {id_: {"ready": one["stock"], "low": 0, "broken": 0} for id_, one in depots.items()}
    carried = {
        van_id: {"low": van["initial_low_charge_load"], "broken": van["initial_broken_load"]}
        for van_id, van in vans.items()
    }
    visits = Counter()
    for _, number, _, stop in sorted(moves, key=lambda move: move[:3]):
        van_id = document["routes"][number]["van_id"]
        if "depot" in stop:
            place = held[stop["depot"]]
            for kind in ("ready", "low", "broken"):
                place[kind] += stop.get(kind, 0)
            _check_depot(depots[stop["depot"]], place)
            continue
        place = held[stop["station_id"]]
        place["ready"] += stop["dropoff"] - stop["pickup"] + stop["swaps"]
        assert place["ready"] == stop["inventory_after"]
        if stop["is_depot"]:
            for kind in ("low", "broken"):
                place[kind] += carried[van_id][kind]
                carried[van_id][kind] = 0
            _check_depot(depots[stop["station_id"]], place)
            continue
        place["low"] -= stop["swaps"] + stop["low_charge_pickup"]
        place["broken"] -= stop["broken_pickup"]
        carried[van_id]["low"] += stop["low_charge_pickup"]
        carried[van_id]["broken"] += stop["broken_pickup"]
        station = stations[stop["station_id"]]
        freed = station["low_charge_before"] + station["broken_before"] - place["low"] - place["broken"]
        assert min(place.values()) >= 0
        assert place["ready"] <= station["capacity"] + freed
        assert (place["low"], place["broken"]) == (stop["low_charge_after"], stop["broken_after"])
        assert freed == stop["docks_freed"]
        visits[stop["station_id"]] += 1
    for id_, one in stations.items():
        assert held[id_] == {"ready": one["bikes_after"], "low": one["low_charge_after"], "broken": one["broken_after"]}
        freed = one["low_charge_before"] + one["broken_before"] - one["low_charge_after"] - one["broken_after"]
        assert freed == one["docks_freed"]
        assert _lost(one, one["bikes_before"], 0) == one["expected_lost_before"]
        assert _lost(one, one["bikes_after"], freed) == one["expected_lost_after"]
        low, high = one["target"]
        assert 0 <= low <= high <= one["capacity"]
        assert not one["rules"]["once"] or visits[id_] <= 1
    for id_, one in depots.items():
        told = {"ready": one["stock_after"], "low": one["low_charge_brought"], "broken": one["broken_brought"]}
        assert held[id_] == told
    at_work = {route["van_id"] for route in document["routes"]}
    before = sum(one["bikes_before"] + one["low_charge_before"] + one["broken_before"] for one in stations.values())
    kinds = ("initial_load", "initial_low_charge_load", "initial_broken_load")
    on_vans = {van_id: sum(van[kind] for kind in kinds) for van_id, van in vans.items()}
    before += sum(one["stock"] for one in depots.values()) + sum(on_vans.values())
    after = sum(sum(place.values()) for place in held.values())
    after += sum(bikes for van_id, bikes in on_vans.items() if van_id not in at_work)
    assert before == after
    return held


def _check_depot(depot: dict, place: dict) -> None:
    assert place["ready"] >= 0
    assert depot["room"] is None or place["ready"] <= depot["room"]


def _lost(station: dict, bikes: int, freed: int) -> float:
    tables = [station["lost_trips_by_inventory"], *station["lost_trips_by_freed_docks"]]
    for extra, table in enumerate(tables):
        assert len(table) == station["capacity"] + extra + 1
    table = tables[min(freed, len(tables) - 1)]
    return table[min(bikes, len(table) - 1)]


def _price(document: dict, stations: dict, held: dict, drives: dict, work: Counter) -> float:
    prices = document["prices"]
    hours = [drive["seconds"] / 3600 for drive in drives.values()]
    mean = sum(hours) / len(hours) if hours else 0.0
    missing = 0
    for entry in document["must_do"]:
        if entry["missing"] is None:
            assert entry["station_id"] not in stations
            continue
        bikes = held[entry["station_id"]]["ready"]
        short = {
            "low": entry["asked"] - bikes,
            "high": bikes - entry["asked"],
        }.get(entry["kind"], entry["asked"] - work[entry["station_id"], entry["kind"]])
        assert entry["missing"] == max(0, short)
        missing += entry["missing"]
    missed = 0
    for zone in document["zones"]:
        bikes = sum(held[id_]["ready"] for id_ in zone["station_ids"])
        assert bikes == zone["bikes_after"]
        assert zone["short"] == max(0, (zone["floor"] or 0) - bikes)
        assert zone["over"] == (0 if zone["cap"] is None else max(0, bikes - zone["cap"]))
        missed += zone["short"] + zone["over"]
    terms = {
        "lost_trips": prices["lost_trip"]
        * sum(_lost(one, held[id_]["ready"], one["docks_freed"]) for id_, one in stations.items()),
        "van_hours": prices["van_hour"] * sum(hours),
        "van_km": prices["van_km"] * sum(drive["metres"] for drive in drives.values()) / 1000,
        "van_use": prices["van_use"] * len(drives),
        "swaps": prices["swap"] * sum(count for (_, kind), count in work.items() if kind == "swaps"),
        "broken_left": prices["broken_left"] * sum(held[id_]["broken"] for id_ in stations),
        "must": prices["must"] * missing,
        "zones": prices["zone_bike"] * missed,
        "fairness": prices["fairness"] * sum(abs(one - mean) for one in hours),
    }
    for name, amount in terms.items():
        assert math.isclose(amount, document["cost"]["after"][name], rel_tol=1e-9, abs_tol=1e-9), name
    return sum(terms.values())
