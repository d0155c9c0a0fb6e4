"""For any rates, trips and days: losses are convex and bounded, no inventory is impossible, no forecast is nonsense."""

from datetime import timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from optimiser.demand.activity import WEIGHTS, forecast_activity
from optimiser.demand.calendar import calendar
from optimiser.demand.dissatisfaction import Losses, losses
from optimiser.demand.inventory import inventories
from optimiser.demand.poll_tally import tally_status
from optimiser.demand.polls import LEAST_S
from optimiser.demand.tally import CellRates
from tests.pasts import MONDAY, moment, polls, trips

SLOT_S = 1800.0
PER_HOUR = st.one_of(st.just(0.0), st.floats(0.001, 5), st.floats(5, 200), st.floats(200, 5000))
DAY = moment("2026-06-01 00:00")


@st.composite
def demands(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, int]:
    """Rentals and returns per second of one station over some slots, and its docks."""
    slots = draw(st.integers(1, 6))
    rates = [draw(st.lists(PER_HOUR, min_size=slots, max_size=slots)) for _ in range(2)]
    out, into = (np.array([rate]) / 3600 for rate in rates)
    return out, into, draw(st.integers(0, 60))


def table(demand, **zone) -> Losses:
    out, into, room = demand
    return losses(out, into, np.array([room]), slot_s=SLOT_S, **zone)


@settings(max_examples=150, deadline=None)
@given(demand=demands())
def test_losses_are_convex_and_a_bike_never_counts_more_than_a_trip(demand):
    out, into, room = demand
    made = table(demand)
    horizon_s = out.shape[1] * SLOT_S
    # Sums of up to 15,000 trips are good to some ten digits.
    off = 1e-9 * (1 + (out + into).sum() * SLOT_S)
    for part, wanted in ((made.rentals, out), (made.returns, into)):
        assert (np.diff(part[0], 2) >= -off).all()
        assert (part >= -off).all()
        assert (part <= wanted.sum() * SLOT_S + off).all()
    assert (np.diff(made.rentals[0]) <= off).all()
    assert (np.diff(made.returns[0]) >= -off).all()
    assert (np.abs(np.diff(made.trips[0])) <= 1 + off).all()
    assert (np.diff(made.trips[0], 2) >= -off).all()
    times = made.empty_s[0], made.full_s[0]
    assert all((part >= -1e-6).all() and (part <= horizon_s + 1e-6).all() for part in times)
    assert room == 0 or (sum(times) <= horizon_s + 1e-6).all()


@settings(max_examples=80, deadline=None)
@given(demand=demands(), more=st.floats(1, 4), slot=st.integers(0, 5))
def test_more_rentals_never_lower_the_rentals_that_are_lost(demand, more, slot):
    out, into, room = demand
    busier = out.copy()
    busier[0, slot % out.shape[1]] *= more
    off = 1e-9 * (1 + (busier + into).sum() * SLOT_S)
    assert (table((busier, into, room)).rentals >= table(demand).rentals - off).all()
    # And they never raise the returns that are.
    assert (table((busier, into, room)).returns <= table(demand).returns + off).all()


@settings(max_examples=60, deadline=None)
@given(
    slots=st.integers(1, 4),
    rates=st.lists(st.floats(0, 60), min_size=8, max_size=8),
    soft=st.integers(0, 20),
    crowding=st.floats(0, 0.5),
)
def test_a_zone_loses_no_return_and_crowding_grows_with_every_bike(slots, rates, soft, crowding):
    out, into = (np.array([rates[first : first + slots]]) / 3600 for first in (0, 4))
    demand = (out, into, 2 * soft)
    zone, plain = table(demand, soft=np.array([float(soft)]), crowding=crowding), table(demand)
    assert (np.diff(zone.returns[0]) >= -1e-9).all()
    assert (np.diff(zone.returns[0], 2) >= -1e-7).all()
    assert (zone.returns >= 0).all()
    assert 0 == zone.full_s.max()
    # Nobody was sent away, so more bikes are there than in a station with as many docks.
    assert (zone.rentals <= plain.rentals + 1e-7).all()
    # One bike stands for the whole horizon at most.
    assert (np.diff(zone.returns[0]) <= crowding * slots / 2 + 1e-9).all()
    free = table(demand, soft=np.array([float(soft)]), crowding=0.0)
    assert 0 == free.returns.max()


@settings(max_examples=200, deadline=None)
@given(
    factors=arrays.arrays(float, st.tuples(st.just(2), st.integers(0, 40)), elements=st.floats(1e-3, 1e3)),
    off=st.booleans(),
    holes=st.integers(0, 2**40 - 1),
    weather=st.none() | st.lists(st.floats(-30, 60), min_size=41, max_size=41),
)
def test_whatever_the_days_were_a_forecast_is_a_positive_number(factors, off, holes, weather):
    days = factors.shape[1]
    watched = np.array([not holes >> day & 1 for day in range(days)], dtype=bool)
    told = weather and {MONDAY + timedelta(day): (value, 1.0) for day, value in enumerate(weather)}
    coming = MONDAY + timedelta(days)
    both = forecast_activity(
        factors, watched, is_off=np.arange(days) % 7 >= 5, off=off, first_day=MONDAY, coming=coming, weather=told
    )
    for activity in both:
        numbers = np.array([activity.factor, activity.sigma, *activity.kinds])
        assert np.isfinite(numbers).all()
        assert activity.factor > 0
        assert min(activity.sigma, *activity.kinds) >= 0
        assert list(activity.kinds) == sorted(activity.kinds)
        assert abs(np.dot(WEIGHTS, activity.kinds) - 1) < 1e-9


RIDES = st.lists(
    st.tuples(
        st.integers(-1, 4),
        st.integers(0, 40 * 86_400),
        st.integers(-1, 2),
        st.integers(0, 30 * 86_400) | st.none(),
        st.integers(-1, 2),
    ),
    max_size=40,
)


@settings(max_examples=200, deadline=None)
@given(rides=RIDES, capacities=st.tuples(*[st.integers(1, 4)] * 3))
def test_no_trips_make_an_inventory_below_nothing_or_above_the_capacity(rides, capacities):
    rows = [
        (bike, DAY + start, origin, -1 if lasts is None else DAY + start + lasts, destination)
        for bike, start, origin, lasts, destination in rides
    ]
    made = inventories(trips(rows), capacities)
    told = any(row[0] >= 0 and row[2] >= 0 for row in rows)
    assert told == (made is not None)
    if made is not None:
        status, moves = made
        station = np.repeat(np.arange(3), status.end - status.first)
        assert (status.bikes >= 0).all()
        assert (status.bikes <= np.array(capacities)[station]).all()
        assert (np.array(capacities)[station] == status.bikes + status.docks).all()
        assert (moves.origin != moves.destination).all()


@settings(max_examples=60, deadline=None)
@given(
    # Of polls closer to each other some would be passed over.
    seen=st.lists(st.tuples(st.integers(LEAST_S, 5000), st.integers(0, 12), st.booleans()), min_size=1, max_size=30),
    rates=st.tuples(PER_HOUR, PER_HOUR),
)
def test_whatever_polls_saw_bikes_that_came_and_went_add_up(seen, rates):
    ts = DAY + 3600 + np.cumsum([row[0] for row in seen])
    history = polls(
        [(0, int(at), row[1]) for at, row in zip(ts, seen, strict=True)],
        (12,),
        closed=[int(at) for at, row in zip(ts, seen, strict=True) if row[2]],
    )
    days = calendar("UTC", DAY, int(ts[-1]))
    shape = (1, 3, 48)
    known = CellRates(
        rental=np.full(shape, rates[0] / 3600),
        giving=np.full(shape, rates[1] / 3600),
        day_factor=np.ones((2, days.days)),
    )
    tally = tally_status(history, days, rates=known)
    counters = tally.counters
    assert len(seen) - 1 == sum(counters[name] for name in ("intervals", "gaps", "closed", "jumps"))
    pairs = list(zip(ts[:-1], ts[1:], seen[:-1], seen[1:], strict=True))
    used = [(b - a, later[1] - row[1]) for a, b, row, later in pairs if b - a <= 3600 and not (row[2] or later[2])]
    jumped = counters["jump_bikes_in"] - counters["jump_bikes_out"]
    net = sum(change for _, change in used) - jumped
    assert abs(net - (float(tally.returns.sum()) - float(tally.rentals.sum()))) < 1e-2
    # Sums of single-precision seconds are good to some four digits.
    watched_s = sum(seconds for seconds, _ in used)
    for part in (tally.rentals, tally.returns, tally.rental_s, tally.return_s):
        assert np.isfinite(part).all()
        assert (part >= 0).all()
    assert max(tally.rental_s.sum(), tally.return_s.sum()) <= watched_s * (1 + 1e-4)
