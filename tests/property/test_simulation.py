"""For any riders openings lose as replayed, convexly; in any draw only those are lost who really were."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.demand.calendar import calendar
from optimiser.demand.rates import Intensity, Rates
from optimiser.simulation.demand_day import RESTORED, SEEN, DemandDay, restore_day
from optimiser.simulation.replay import lost_by_opening, replay_day
from tests.pasts import moment, polls

NOON = moment("2026-06-01 12:00")
POLL_S = 1200


@st.composite
def days(draw: st.DrawFn) -> tuple[DemandDay, np.ndarray]:
    """Any riders at one to three stations, and the rooms of these."""
    seconds = draw(st.sampled_from([3600, 5000, 86_400]))
    moments = st.floats(0, seconds, exclude_max=True)
    events = [
        sorted(draw(st.lists(st.tuples(moments, st.sampled_from([-1, 1])), max_size=40)))
        for _ in range(draw(st.integers(1, 3)))
    ]
    return day_of(events, seconds), np.array(draw(st.tuples(*[st.integers(0, 6)] * len(events))))


def day_of(events: list[list[tuple[float, int]]], seconds: int) -> DemandDay:
    flat = [event for own in events for event in own]
    return DemandDay(
        start_ts=0,
        seconds=seconds,
        first=np.concatenate([[0], np.cumsum([len(own) for own in events])]).astype(np.int64),
        at_s=np.array([at_s for at_s, _ in flat], dtype=float),
        change=np.array([change for _, change in flat], dtype=np.int8),
        source=np.zeros(len(flat), np.int8),
        known_share=np.ones(len(events)),
    )


@settings(max_examples=200, deadline=None)
@given(made=days(), share=st.floats(0, 1))
def test_each_opening_loses_what_its_replay_does(made, share):
    day, rooms = made
    lost = lost_by_opening(day, rooms)
    opening = np.floor(rooms * share).astype(np.int64)
    replay = replay_day(day, rooms, opening)
    assert lost[np.arange(len(rooms)), opening].tolist() == replay.lost.tolist()
    assert replay.lost_by_hour.sum(axis=1).tolist() == replay.lost.tolist()
    assert (replay.empty_s + replay.full_s <= day.seconds * np.where(rooms == 0, 2, 1) + 1e-6).all()


@settings(max_examples=200, deadline=None)
@given(made=days())
def test_one_bike_more_saves_or_loses_one_trip_at_most_and_less_each_time(made):
    day, rooms = made
    for row, room in enumerate(rooms.tolist()):
        lost = lost_by_opening(day, rooms)[row]
        assert np.isnan(lost[room + 1 :]).all()
        steps = np.diff(lost[: room + 1])
        assert {-1, 0, 1} >= set(steps.tolist())
        assert (np.diff(steps) >= 0).all()


@st.composite
def watched(draw: st.DrawFn) -> tuple[list[int], int, tuple[float, float], int]:
    """Polls of a station that hold no jump and no gap, its docks, rates per hour, and a seed."""
    capacity = draw(st.integers(1, 12))
    bikes = [draw(st.integers(0, capacity))]
    for change in draw(st.lists(st.integers(-3, 3), min_size=1, max_size=40)):
        bikes.append(min(capacity, max(0, bikes[-1] + change)))
    rates = draw(st.tuples(st.floats(0.5, 30), st.floats(0.5, 30)))
    return bikes, capacity, rates, draw(st.integers(0, 10_000))


def restored(made) -> tuple[DemandDay, np.ndarray, np.ndarray]:
    """A draw of what riders wanted at these polls, room and opening."""
    bikes, capacity, rates, seed = made
    last = NOON + POLL_S * (len(bikes) - 1)
    history = polls([(0, NOON + POLL_S * number, count) for number, count in enumerate(bikes)], (capacity,))
    calendar_ = calendar("UTC", NOON, last)
    shape = (1, 3, 48)
    rental, giving = (
        Intensity(rate=np.full(shape, rate / 3600), shape=np.ones(shape), events=np.ones(1)) for rate in rates
    )
    known = Rates(
        calendar=calendar_,
        rental=rental,
        giving=giving,
        day_factor=np.ones((2, calendar_.days)),
        lopsided=np.zeros(shape[0]),
        coming_tilt=np.zeros((2, 2)),
        watched=np.ones(calendar_.days, dtype=bool),
        is_known=np.ones(1, dtype=bool),
        strength=(1.0, 1.0),
    )
    day = restore_day(history, known, start_ts=NOON, seconds=last - NOON, seed=seed)
    return day, np.array([capacity]), np.array([bikes[0]])


def only(day: DemandDay, source: int) -> list[tuple[float, int]]:
    own = day.source == source
    return list(zip(day.at_s[own].tolist(), day.change[own].tolist(), strict=True))


@settings(max_examples=200, deadline=None)
@given(made=watched())
def test_what_was_seen_loses_nothing_and_ends_at_what_the_last_poll_saw(made):
    day, rooms, opening = restored(made)
    seen = only(day, SEEN)
    assert 0 == replay_day(day_of([seen], day.seconds), rooms, opening).lost.sum()
    # At each poll on the way, too.
    for number, bikes in enumerate(made[0]):
        assert bikes == opening[0] + sum(change for at_s, change in seen if at_s < number * POLL_S)


@settings(max_examples=300, deadline=None)
@given(made=watched())
def test_from_the_real_opening_exactly_those_are_lost_who_had_been_turned_away(made):
    day, rooms, opening = restored(made)
    assert {SEEN, RESTORED} >= set(day.source.tolist())
    made_lost = replay_day(day, rooms, opening)
    away = only(day, RESTORED)
    assert [sum(change == kind for _, change in away) for kind in (-1, 1)] == [
        made_lost.lost_rentals[0],
        made_lost.lost_returns[0],
    ]
    assert 1 == day.known_share[0]


@settings(max_examples=50, deadline=None)
@given(made=watched())
def test_a_seed_makes_one_day(made):
    one, other = restored(made)[0], restored(made)[0]
    assert one.at_s.tolist() == other.at_s.tolist()
    assert one.change.tolist() == other.change.tolist()
    assert one.source.tolist() == other.source.tolist()
