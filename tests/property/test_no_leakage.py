"""Nothing that happens when a night begins, or later, changes its targets or what is known to stand where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.basics.city import Snapshot
from optimiser.demand.city_demand import choose_targets, fit_demand
from optimiser.demand.history import History, TripHistory, status_history
from optimiser.demand.snapshots import snapshot_at
from optimiser.demand.station_targets import DemandSettings
from optimiser.demand.targets import Target
from tests.pasts import at_midnight, city_of, generated, moment, ridden, trips_only

NIGHT = 16
SETTINGS = DemandSettings(window_days=12)
Random = np.random.Generator
Garbage = list[tuple[str, int]]


@cache
def past(kind: str) -> tuple[History, int]:
    """A past that goes on after the night, and the moment at which the night begins: that of a poll, or of a trip."""
    polled = generated(capacities=(10, 14, 20, 12), days=20).history
    as_of = int(at_midnight(NIGHT).timestamp())
    if kind == "polls":
        return polled, as_of
    rides = ridden(days=20)
    assert rides.trips is not None
    started = rides.trips.started
    if kind == "trips":
        # When a bike is rented at that very moment, and others are under way.
        return rides, int(started[np.searchsorted(started, as_of)])
    return replace(polled, trips=rides.trips), as_of


def known(history: History, as_of: int) -> tuple[Snapshot | None, tuple[Target, ...], list[list[float]]]:
    """Everything that a night rests on."""
    city, night = city_of(history), datetime.fromtimestamp(as_of, UTC)
    demand = fit_demand(history, as_of_ts=as_of, settings=SETTINGS)
    snapshot = snapshot_at(history, night)
    assert snapshot is not None
    targets = choose_targets(city, snapshot, start_ts=as_of, demand=demand)
    assert all(target.demand is not None for target in targets)
    rates = demand.rates
    told = rates.rental.rate, rates.giving.rate, rates.day_factor, rates.lopsided, rates.coming_tilt
    return snapshot, targets, [part.tolist() for part in told]


before = cache(lambda kind: known(*past(kind)))


def spoil_polls(history: History, as_of: int, how: str, random: Random) -> History:
    """Other polls from `as_of` on."""
    status, stations = history.status, len(history.station_ids)
    assert status is not None
    station = np.repeat(np.arange(stations), status.end - status.first)
    columns = {name: getattr(status, name).copy() for name in ("ts", "bikes", "docks", "ebikes", "disabled", "is_open")}
    late = columns["ts"] >= as_of
    if how == "values":
        for name in ("bikes", "docks", "ebikes", "disabled"):
            columns[name][late] = random.integers(-1, 60, late.sum())
        columns["is_open"][late] = random.random(late.sum()) < 0.5
    elif how == "removed":
        kept = ~late | (random.random(len(late)) < random.choice([0, 0.5, 0.99]))
        station, columns = station[kept], {name: column[kept] for name, column in columns.items()}
    else:
        # Rows of all stations or of one only, in the next hours or years, one of them at the very moment.
        count = 400
        after_s = random.integers(0, random.choice([3600, 40 * 86_400, 3000 * 86_400]), count)
        rows = {name: random.integers(-1, 60, count) for name in ("docks", "ebikes", "disabled")}
        rows |= {"ts": as_of + np.append(after_s[1:], 0), "bikes": random.integers(0, 60, count)}
        rows |= {"is_open": random.random(count) < 0.7}
        alone = how == "one station"
        station = np.append(
            station, np.full(count, random.integers(stations)) if alone else random.integers(0, stations, count)
        )
        columns = {name: np.append(column, rows[name]) for name, column in columns.items()}
    ts = columns.pop("ts")
    return replace(history, status=status_history(stations, station, ts, **columns))


def spoil_trips(history: History, as_of: int, how: str, random: Random) -> History:
    """Other trips from `as_of` on, and other ends of those that are then under way."""
    trips, stations = history.trips, len(history.station_ids)
    assert trips is not None
    names = ("started", "ended", "origin", "destination", "bike")
    columns = {name: getattr(trips, name).copy() for name in names}
    late, going = trips.started >= as_of, (trips.started < as_of) & (trips.ended >= as_of)
    if how == "values":
        columns["ended"][going] = np.where(
            random.random(going.sum()) < 0.3, -1, as_of + random.integers(0, 9999, going.sum())
        )
        columns["destination"][going] = random.integers(-1, stations, going.sum())
        columns["ended"][late] = as_of + random.integers(-99_999, 99_999, late.sum())
        for name, most in (("origin", stations), ("destination", stations), ("bike", 25)):
            columns[name][late] = random.integers(-1, most, late.sum())
    elif how == "removed":
        kept = ~late | (random.random(len(late)) < random.choice([0, 0.5, 0.99]))
        columns = {name: column[kept] for name, column in columns.items()}
    else:
        count = 200
        started = as_of + np.append(random.integers(0, random.choice([3600, 40 * 86_400]), count - 1), 0)
        place = random.integers(0, stations) if how == "one station" else random.integers(-1, stations, count)
        rows = {
            "started": started,
            "ended": started + random.integers(-100, 5000, count),
            "origin": np.broadcast_to(place, count),
            "destination": random.integers(-1, stations, count),
            "bike": random.integers(-1, 30, count),
        }
        columns = {name: np.append(column, rows[name]) for name, column in columns.items()}
    order = np.argsort(columns["started"], kind="stable")
    made = {name: columns[name][order].astype(getattr(trips, name).dtype) for name in names}
    return replace(history, trips=TripHistory(**made))


def spoilt(history: History, as_of: int, garbage: Garbage) -> History:
    for how, seed in garbage:
        for spoil, part in ((spoil_polls, history.status), (spoil_trips, history.trips)):
            if part is not None:
                history = spoil(history, as_of, how, np.random.default_rng(seed))
    return history


@pytest.mark.parametrize("kind", ["polls", "trips", "both"])
@settings(max_examples=40, deadline=None)
@given(
    garbage=st.lists(
        st.tuples(st.sampled_from(["values", "removed", "added", "one station"]), st.integers(0, 999)),
        min_size=1,
        max_size=3,
    )
)
def test_no_garbage_from_the_night_on_changes_what_was_known_before_it(kind: str, garbage: Garbage):
    history, as_of = past(kind)
    assert before(kind) == known(spoilt(history, as_of, garbage), as_of)


def change_poll(history: History, ts: int) -> History:
    """The last poll of S2 before a moment saw it empty, or if it was empty did not."""
    status = history.status
    assert status is not None
    bikes = status.bikes.copy()
    row = status.first[2] + np.searchsorted(status.ts[status.first[2] : status.end[2]], ts) - 1
    bikes[row] = 0 if bikes[row] else 5
    return replace(history, status=replace(status, bikes=bikes))


def drop_trip(history: History, ts: int) -> History:
    """The last trip that ended before a moment never happened."""
    trips = history.trips
    assert trips is not None
    kept = np.arange(trips.rows) != np.where(trips.ended < ts, trips.ended, 0).argmax()
    names = ("started", "ended", "origin", "destination", "bike")
    return replace(history, trips=TripHistory(**{name: getattr(trips, name)[kept] for name in names}))


@pytest.mark.parametrize(
    ("kind", "change"), [("polls", change_poll), ("both", change_poll), ("trips", drop_trip), ("both", drop_trip)]
)
def test_a_change_just_before_the_night_shows(kind: str, change: Callable[[History, int], History]):
    history, as_of = past(kind)
    was, now = before(kind), known(change(history, as_of), as_of)
    assert was[1] != now[1]
    assert was[2] != now[2]
    assert change is drop_trip or was[0] != now[0]


@pytest.mark.parametrize(("ended_s", "bikes"), [(-1, 1), (0, 0), (600, 0)])
def test_where_a_bike_under_way_will_be_left_is_not_known(ended_s: int, bikes: int):
    # Bike 0 goes from S0 to S1, and arrives just before, just when or after the night begins.
    as_of = moment("2026-06-02 00:00")
    rows = [
        (0, as_of - 1200, 0, as_of + ended_s, 1),
        (1, as_of - 9000, 0, as_of - 8000, 0),
        (1, as_of + 99, 0, as_of + 999, 1),
    ]
    snapshot = snapshot_at(trips_only(rows, (5, 5)), datetime.fromtimestamp(as_of, UTC))
    assert snapshot is not None
    assert bikes == sum(status.bikes for status in snapshot.stations if status.station_id == "S1")
    assert 1 == sum(status.bikes for status in snapshot.stations if status.station_id == "S0")
