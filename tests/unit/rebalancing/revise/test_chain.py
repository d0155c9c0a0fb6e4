"""A night after several revisions: what was told is taken over again, and the next goes on from there."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.basics.limits import SolveLimits
from optimiser.rebalancing.check import check
from optimiser.rebalancing.revise import StationSeen, Told, VanLost, Where, after, revise, seen, whole_night
from tests.property.test_whole_nights import nights, plausible_plans_for
from tests.unit.rebalancing.revise.test_revise import A_UP, B_DOWN, C_UP, LIMITS, PLAN, night
from tests.unit.rebalancing.revise.test_revise_properties import FREEZES, events_of, reports_of


@pytest.mark.parametrize("at_s", [195, 250, 300, 420, 430, 600])
def test_where_nothing_happens_a_revision_of_a_revision_costs_what_the_night_does(at_s):
    # As in `test_revise`: (580 + 560) s at 0.01 and 640 s x 10 m at 1 per km.
    first = revise(night(), PLAN, at_s=195, limits=LIMITS)
    standing = after(whole_night(night()), Told(plan=PLAN, at_s=195))
    assert first.problem.input_hash == standing.problem.input_hash
    assert (A_UP,) == standing.driven["van-1"]
    second = revise(standing.problem, first.rest, at_s=at_s, limits=LIMITS)
    assert 11.4 + 6.4 == pytest.approx(second.objective + standing.spent.total)
    now = after(standing, Told(plan=first.rest, at_s=at_s))
    assert () == check(now.problem, second.rest)
    assert ((A_UP, B_DOWN) if at_s >= 420 else (A_UP,)) == now.driven["van-1"]
    assert (Where.HOME if at_s >= 580 else Where.OUT) == now.where["van-1"]
    # Where vans are underway two places stand for each way so far, however many revisions there were.
    assert 5 + 2 * sum(where is Where.OUT for where in now.where.values()) == len(now.problem.travel.place_ids)


def test_a_van_that_was_lost_stays_lost_and_keeps_what_it_has_done():
    lost = Told(plan=PLAN, at_s=200, events=(VanLost(van_id="van-2"),))
    first = revise(night(), PLAN, at_s=200, events=lost.events, limits=LIMITS)
    standing = after(whole_night(night()), lost)
    assert (Where.LOST, (C_UP,)) == (standing.where["van-2"], standing.driven["van-2"])
    now = after(standing, Told(plan=first.rest, at_s=400))
    assert (Where.LOST, (C_UP,)) == (now.where["van-2"], now.driven["van-2"])
    assert "van-2" not in now.problem.van_by_id


def test_what_is_seen_afterwards_changes_that_station_alone():
    problem = seen(night(), [StationSeen(station_id="A", inventory=2)])
    assert {"A": 2, "B": 0, "C": 8, "E": 1} == {station.id: station.inventory for station in problem.stations}
    assert night().input_hash == seen(night(), []).input_hash


@given(data=st.data())
@settings(max_examples=25)
def test_a_revision_of_a_revision_is_sound_whatever_was_told(data):
    problem = data.draw(nights())
    plan = data.draw(plausible_plans_for(problem))
    standing, at_s, gone = whole_night(problem), 0, 0.0
    for _ in range(3):
        at_s += data.draw(st.integers(0, 1500))
        told = Told(
            plan=plan,
            at_s=at_s,
            reports=data.draw(reports_of(standing.problem, plan)),
            freeze=data.draw(FREEZES),
            events=data.draw(events_of(standing.problem)) if standing.problem.vans else (),
        )
        found = revise(
            standing.problem,
            plan,
            at_s=at_s,
            reports=told.reports,
            freeze=told.freeze,
            events=told.events,
            limits=SolveLimits(seconds=None, rounds=20),
        )
        now = after(standing, told)
        assert () == check(now.problem, found.rest)
        assert found.objective <= found.going_on_cost.total + 1e-6
        assert found.best_bound <= found.objective + 1e-6
        gone += found.spent.total
        assert gone == pytest.approx(now.spent.total)
        assert len(now.problem.travel.place_ids) <= len(problem.travel.place_ids) + 2 * len(problem.vans)
        made_up = set(now.made_up)
        assert not any(stop.station_id in made_up for stops in now.driven.values() for stop in stops)
        standing, plan = now, found.rest
