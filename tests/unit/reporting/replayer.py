"""
Replays plan.json from its text alone, as a stranger would: nothing of the product is imported here.

Returns what it recomputed; raises AssertionError at the first place where the document contradicts itself.
"""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta


def replay_plan(text: str | bytes) -> dict:
    document = json.loads(text, parse_constant=lambda word: (_ for _ in ()).throw(AssertionError(word)))
    stations = {station["station_id"]: station for station in document["stations"]}
    vans = {van["van_id"]: van for van in document["vans"]}
    stop_s, bike_s = document["handling"]["stop_s"], document["handling"]["bike_s"]

    moves, seconds, metres = [], 0, 0
    loads = {van_id: van["initial_load"] for van_id, van in vans.items()}
    for route_number, route in enumerate(document["routes"]):
        van = vans[route["van_id"]]
        clock = start = datetime.fromisoformat(route["departs"])
        assert clock.utcoffset() is not None
        assert clock >= datetime.fromisoformat(van["shift_start"])
        assert route["initial_load"] == van["initial_load"]
        load = van["initial_load"]
        length_m = 0
        for stop_number, stop in enumerate(route["stops"]):
            clock += timedelta(seconds=stop["drive_s"])
            assert clock == datetime.fromisoformat(stop["arrival"])
            clock += timedelta(seconds=stop_s + bike_s * (stop["pickup"] + stop["dropoff"]))
            assert clock == datetime.fromisoformat(stop["departure"])
            load += stop["pickup"] - stop["dropoff"]
            assert 0 <= load <= van["slots"]
            assert load == stop["load_after"]
            length_m += stop["distance_m"]
            moves.append((clock, route_number, stop_number, stop))
        clock += timedelta(seconds=route["last_leg"]["drive_s"])
        length_m += route["last_leg"]["distance_m"]
        assert clock == datetime.fromisoformat(route["returns"])
        assert clock <= datetime.fromisoformat(van["shift_end"])
        assert (clock - start).total_seconds() == route["duration_s"]
        assert length_m == route["distance_m"]
        assert load == route["load_at_end"]
        loads[van["van_id"]] = load
        seconds += route["duration_s"]
        metres += length_m

    held = {station_id: station["bikes_before"] for station_id, station in stations.items()}
    for _, _, _, stop in sorted(moves, key=lambda move: move[:3]):
        held[stop["station_id"]] += stop["dropoff"] - stop["pickup"]
        assert 0 <= held[stop["station_id"]] <= stations[stop["station_id"]]["capacity"]
        assert held[stop["station_id"]] == stop["inventory_after"]
    for station_id, station in stations.items():
        assert held[station_id] == station["bikes_after"]
        table = station["lost_trips_by_inventory"]
        assert len(table) == station["capacity"] + 1
        assert table[station["bikes_before"]] == station["expected_lost_before"]
        assert table[held[station_id]] == station["expected_lost_after"]
        low, high = station["target"]
        assert 0 <= low <= high <= station["capacity"]

    prices = document["prices"]
    lost = sum(stations[station_id]["lost_trips_by_inventory"][bikes] for station_id, bikes in held.items())
    objective = (
        prices["lost_trip"] * lost
        + prices["van_hour"] * seconds / 3600
        + prices["van_km"] * metres / 1000
        + prices["van_use"] * len(document["routes"])
    )
    assert math.isclose(objective, document["objective"], rel_tol=1e-9, abs_tol=1e-9)
    assert document["best_bound"] <= document["objective"] + 1e-9
    bikes = sum(station["bikes_before"] for station in stations.values())
    assert bikes + sum(van["initial_load"] for van in vans.values()) == sum(held.values()) + sum(loads.values())
    return {"objective": objective, "held": held, "loads": loads, "metres": metres, "seconds": seconds}
