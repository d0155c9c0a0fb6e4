"""Tiny nights planned anew from their middle, by hand arithmetic."""

from dataclasses import replace

import numpy as np
import pytest

from optimiser.basics.city import Handling
from optimiser.basics.errors import InvalidInput
from optimiser.basics.limits import SolveLimits
from optimiser.network.travel import TravelTimes
from optimiser.rebalancing.check import check
from optimiser.rebalancing.cost import cost
from optimiser.rebalancing.plan import NOTHING, Plan, Route, Stop
from optimiser.rebalancing.problem import Break, Must, Problem, Van
from optimiser.rebalancing.revise import (
    Freeze,
    Outcome,
    Position,
    Revision,
    Stability,
    StationSeen,
    TaskAdded,
    VanLate,
    VanLost,
    VanReport,
    revise,
)
from tests.builders import problem, station, van

LIMITS = SolveLimits(seconds=None, rounds=200)
A_UP, B_DOWN = Stop(station_id="A", pickup=3), Stop(station_id="B", dropoff=3)
C_UP, E_DOWN = Stop(station_id="C", pickup=2), Stop(station_id="E", dropoff=2)


def night(*, shift_s: int = 3600) -> Problem:
    """
    A has 3 too many, B lacks 3, C has 2 too many, E lacks 2; a trip is worth 10, a van second 0.02 on the road.

    On a line: A 60 s, B 160 s on one side of the depot, C 60 s, E 160 s on the other.
    """
    return problem(
        [
            station("A", 9, low=5, high=6),
            station("B", 0, low=3, high=6),
            station("C", 8, low=5, high=6),
            station("E", 1, low=3, high=6),
        ],
        [60, 160, -60, -160],
        vans=[van("van-1", shift_s=shift_s), van("van-2", shift_s=shift_s)],
    )


# Van 1: A from 60 to 190 s, B from 290 to 420 s, home at 580 s.
# Van 2: C from 60 to 180 s, E from 280 to 400 s, home at 560 s.
PLAN = Plan(
    routes=(Route(van_id="van-1", stops=(A_UP, B_DOWN)), Route(van_id="van-2", stops=(C_UP, E_DOWN))),
)


def ask(at_s: int, *, on: Problem | None = None, plan: Plan = PLAN, **told) -> Revision:
    found = revise(on or night(), plan, at_s=at_s, limits=told.pop("limits", LIMITS), **told)
    assert () == check(found.problem, found.rest)
    assert found.best_bound <= found.objective
    return found


def stops_of(plan: Plan, van_id: str) -> tuple[Stop, ...]:
    return next((route.stops for route in plan.routes if route.van_id == van_id), ())


@pytest.mark.parametrize("at_s", [0, 100, 180, 185, 190, 300, 420, 500, 3000])
def test_where_nothing_has_happened_the_best_plan_stays_and_costs_what_it_did(at_s):
    # No trip is lost: (580 + 560) s at 0.01 and 640 s x 10 m at 1 per km.
    found = ask(at_s)
    assert PLAN == found.plan
    assert 11.4 + 6.4 == pytest.approx(found.objective)
    assert cost(night(), PLAN).total == pytest.approx(found.going_on_cost.total)
    assert (0, 0) == (found.churn, found.changed.details)


@pytest.mark.parametrize(
    ("at_s", "done", "frozen"),
    [(0, 0, 0), (1, 0, 1), (189, 0, 1), (190, 1, 0), (191, 1, 1), (420, 2, 0), (421, 2, 0)],
)
def test_the_clock_says_what_is_done_and_what_a_van_is_on_its_way_to(at_s, done, frozen):
    found = ask(at_s)
    assert (done, frozen) == (found.done["van-1"], found.frozen.get("van-1", 0))


def with_more_at_a() -> Problem:
    """The same with 6 too many at A, of which van 1 takes 3."""
    return replace(night(), stations=(station("A", 12, low=5, high=6, capacity=12), *night().stations[1:]))


def test_a_lost_vans_station_is_taken_over_by_the_other_van():
    # At 200 s van 1 has 3 bikes from A on board and is lost; van 2 has 2 from C and is on its way to E.
    found = ask(200, on=with_more_at_a(), events=[VanLost(van_id="van-1")])
    assert (A_UP,) == stops_of(found.plan, "van-1")
    assert (C_UP, E_DOWN, A_UP, B_DOWN) == stops_of(found.plan, "van-2")
    (stranded,) = found.stranded
    assert ("van-1", "A", 3) == (stranded.van_id, stranded.place_id, stranded.load)
    # Going on: 3 too many at A and 3 too few at B, van 1 has cost 200 s and 600 m, van 2 560 s and 3200 m.
    assert 60 + 2.0 + 0.6 + 5.6 + 3.2 == pytest.approx(found.going_on_cost.total)
    # Van 2 leaves E at 400 s: 220 + 130 s at A, 100 + 130 s at B, 160 s home = 1140 s, 640 s of them on the road.
    assert 2.0 + 0.6 + 11.4 + 6.4 == pytest.approx(found.objective)
    (moved,) = (item for route in found.diff.routes for item in route.moved_in)
    assert ("B", "van-1", "van-2") == (moved.station_id, moved.from_van_id, moved.to_van_id)
    assert (2, 2) == (found.churn, found.changed.churn)


def test_a_van_lost_before_it_left_has_cost_nothing():
    found = ask(0, events=[VanLost(van_id="van-1")], limits=SolveLimits(seconds=None, rounds=1))
    # A has 3 too many, B lacks 3: 60. Van 2 as ever.
    assert 60 + 5.6 + 3.2 == pytest.approx(found.going_on_cost.total)
    assert 0 == found.spent.total


def test_no_change_allowed_keeps_everything_that_is_left():
    found = ask(200, events=[VanLost(van_id="van-1")], stability=Stability(max_changed=0))
    assert found.plan == found.going_on
    assert (A_UP,) == stops_of(found.plan, "van-1")
    assert (C_UP, E_DOWN) == stops_of(found.plan, "van-2")
    assert 1 == found.churn


def test_a_change_that_saves_less_than_it_disturbs_is_not_made():
    # Two more stops save 60 and cost 580 s and 320 s x 10 m more: 51.0 less in all, 25.5 a stop.
    told = {"on": with_more_at_a(), "events": [VanLost(van_id="van-1")]}
    dear = ask(200, stability=Stability(per_stop=25.6), **told)
    cheap = ask(200, stability=Stability(per_stop=25.4), **told)
    assert dear.plan == dear.going_on
    assert 51.0 == pytest.approx(dear.objective - cheap.objective)


def test_frozen_stops_stay_though_it_would_be_better_otherwise():
    silly = Plan(routes=(Route(van_id="van-1", stops=(A_UP, Stop(station_id="A", dropoff=1), B_DOWN)),))
    assert silly.routes[0].stops != stops_of(ask(0, plan=silly).plan, "van-1")
    for freeze in (Freeze(stops_per_van=2), Freeze(until_s=250), Freeze(stops=(("van-1", 1),))):
        found = ask(0, plan=silly, freeze=freeze)
        assert silly.routes[0].stops[:2] == stops_of(found.plan, "van-1")[:2]
        assert 2 == found.frozen["van-1"]


def test_a_task_that_is_added_is_served():
    on = replace(night(), stations=(*night().stations, station("F", 5, low=0, high=10)), travel=_with_f())
    assert all(stop.station_id != "F" for route in ask(200, on=on).plan.routes for stop in route.stops)
    found = ask(200, on=on, events=[TaskAdded(station_id="F", must=Must(visit=True))])
    assert "F" in {stop.station_id for route in found.plan.routes for stop in route.stops}
    assert 0 == found.cost.must
    assert 1000 == found.going_on_cost.must


def _with_f():
    return problem(
        [*night().stations, station("F", 5, low=0, high=10)], [60, 160, -60, -160, 200], vans=night().vans
    ).travel


def test_a_skipped_stop_is_planned_again():
    # Van 1 drove past A and is on its way to B empty-handed; A still has 9 bikes.
    told = VanReport(van_id="van-1", done=1, skipped=frozenset({0}), position=Position(place_id="B", load=0))
    found = ask(300, reports=[told])
    assert "A" in {stop.station_id for route in found.plan.routes for stop in route.stops}
    assert 60 > found.cost.lost_trips
    # Going on, B gets nothing: A has 3 too many and B lacks 3.
    assert 60 == found.going_on_cost.lost_trips


def test_less_was_picked_up_so_less_is_dropped():
    told = VanReport(van_id="van-1", outcomes=(Outcome(index=0, stop=Stop(station_id="A", pickup=1)),))
    found = ask(200, reports=[told], stability=Stability(max_changed=0))
    assert (Stop(station_id="A", pickup=1), Stop(station_id="B", dropoff=1)) == stops_of(found.plan, "van-1")
    # A keeps 2 too many, B lacks 2.
    assert 40 == found.cost.lost_trips


def test_a_late_van_leaves_out_its_last_stop():
    # Home at 580 s by plan where the shift ends at 600 s; 60 s late at A, B no longer fits: 190 + 60 + 60 s home.
    found = ask(190, on=night(shift_s=600), events=[VanLate(van_id="van-1", late_s=60)])
    assert (A_UP,) == stops_of(found.going_on, "van-1")
    assert () == found.widened
    assert 30 == found.going_on_cost.lost_trips


def test_a_van_that_cannot_be_home_in_time_may_come_as_soon_as_it_can():
    # 190 s + 500 s late + 60 s home = 750 s.
    found = ask(190, on=night(shift_s=600), events=[VanLate(van_id="van-1", late_s=500)])
    (widened,) = found.widened
    assert "van-1" in widened
    assert "750 s" in widened
    assert (A_UP,) == stops_of(found.plan, "van-1")


def test_a_frozen_stop_that_became_impossible_is_told_and_cut():
    # Van 1 drives to A for 3 of 9 bikes; there is 1.
    found = ask(30, events=[StationSeen(station_id="A", inventory=1)], stability=Stability(max_changed=0))
    (released,) = found.released
    assert ("van-1", "A", "station_inventory") == (released.van_id, released.station_id, released.violation.rule)
    assert (Stop(station_id="A", pickup=1), Stop(station_id="B", dropoff=1)) == stops_of(found.plan, "van-1")


def test_nobody_stops_at_a_station_that_has_closed():
    found = ask(30, events=[StationSeen(station_id="A", is_closed=True), StationSeen(station_id="E", is_closed=True)])
    stations = {stop.station_id for route in found.plan.routes for stop in route.stops}
    assert not stations & {"A", "E"}
    # Van 1 learns it at A: 60 s there, then on.
    assert ["A"] == [released.station_id for released in found.released]


def test_a_van_takes_low_charge_and_broken_bikes_along():
    # 2 broken and 2 low-charge bikes on board leave room for one of the 5.
    told = VanReport(van_id="van-1", position=Position(place_id="A", load=0, low_load=2, broken_load=2, batteries=0))
    found = ask(50, reports=[told], stability=Stability(max_changed=0))
    assert (Stop(station_id="A", pickup=1), Stop(station_id="B", dropoff=1)) == stops_of(found.plan, "van-1")
    assert (2, 2) == (
        found.problem.van_by_id["van-1"].initial_low_load,
        found.problem.van_by_id["van-1"].initial_broken_load,
    )


def test_a_van_home_stays_home_and_has_cost_what_it_cost():
    found = ask(570, events=[StationSeen(station_id="C", inventory=9)])
    # Van 2 is home at 560 s: 5.6 + 3.2. Van 1 drives home, nothing fits before.
    assert 5.6 + 3.2 == pytest.approx(found.spent.total)
    assert "van-2" not in found.problem.van_by_id


def test_every_error_is_told_at_once_and_located():
    with pytest.raises(InvalidInput) as caught:
        revise(
            night(),
            Plan(routes=(*PLAN.routes, Route(van_id="van-9", stops=()))),
            at_s=-1,
            reports=[
                VanReport(van_id="van-1", done=3, behind_s=-5, position=Position(place_id="Z", load=9)),
                VanReport(van_id="van-1", outcomes=(Outcome(index=0, stop=B_DOWN), Outcome(index=7, stop=B_DOWN))),
            ],
            freeze=Freeze(stops_per_van=-1, stops=(("van-2", 2),)),
            events=[
                VanLost(van_id="van-8"),
                VanLate(van_id="van-1", late_s=-1),
                TaskAdded(station_id="Z", must=Must(low=3, high=2)),
                StationSeen(station_id="A", inventory=-1),
            ],
            stability=Stability(per_stop=float("nan"), max_changed=-1),
        )
    assert {
        "/at_s",
        "/plan",
        "/reports",
        "/reports/0/done",
        "/reports/0/behind_s",
        "/reports/0/position/place_id",
        "/reports/0/position/load",
        "/reports/1/outcomes/0/stop/station_id",
        "/reports/1/outcomes/1/index",
        "/freeze/stops_per_van",
        "/freeze/stops/0/1",
        "/events/0/van_id",
        "/events/1/late_s",
        "/events/2/station_id",
        "/events/2/must",
        "/events/3/inventory",
        "/stability/per_stop",
        "/stability/max_changed",
    } == {finding.where for finding in caught.value.findings}


def test_a_night_without_a_plan_is_planned_from_now_on():
    found = ask(100, plan=NOTHING)
    # Doing nothing loses 3 + 3 + 2 + 2 trips; whoever leaves now is paid from now.
    assert 100 == found.going_on_cost.total
    assert found.objective < 40
    assert all(van.shift_start_s == 100 for van in found.problem.vans)


def test_a_slow_van_is_free_when_it_is_whatever_divisions_round_to():
    # At 0.7 of the speed 315 s of driving take 450.00000000000006 s: rounded up, a second more than there is. The van
    # is on its way to A and cannot be back in time. It goes there no more than it must, is free at 464 s, 14 s of them
    # a stop, and takes the break that it missed there at once: at 465 s it would be too late for that.
    seconds = np.array([[0, 125, 219], [125, 0, 94], [219, 94, 0]], dtype=np.int32)
    slow = Van(
        id="van-1",
        slots=5,
        initial_load=4,
        start_depot_id="D",
        end_depot_id="E",
        shift_start_s=0,
        shift_end_s=500,
        speed_factor=0.7,
        break_=Break(duration_s=1, earliest_s=0, latest_s=0),
        initial_low_load=1,
        batteries=1,
    )
    on = Problem(
        start=night().start,
        stations=(replace(station("A", 0, low=0, high=1, capacity=1), low_charge=1),),
        vans=(slow,),
        handling=Handling(stop_s=14, bike_s=3, swap_s=0, depot_s=0),
        prices=night().prices,
        travel=TravelTimes(place_ids=("A", "D", "E"), travel_s=seconds, length_m=10 * seconds),
    )
    stops = (Stop(station_id="E", dropoff=4), Stop(station_id="A", swaps=1), Stop(station_id="D"))
    found = ask(151, on=on, plan=Plan(routes=(Route(van_id="van-1", stops=stops),)))
    assert found.plan.routes[0].break_before == 1


def test_a_van_on_its_way_home_arrives_there_before_it_goes_out_again():
    # It leaves A, 1 km out, at 100 + 100 + 5 x 10 = 250 s. Home, to B, 2 km out, and home again: 1 + 1 + 2 + 2 km.
    # From A straight to B it would have been 1 + 1 + 2 km.
    asked = problem([station("A", 9, low=0, high=4), station("B", 0, low=5, high=10)], [100, 200])
    plan = Plan(routes=(Route(van_id="van-1", stops=(Stop(station_id="A", pickup=5),)),))
    found = revise(asked, plan, at_s=260, limits=LIMITS)
    assert [stop.station_id for stop in found.plan.routes[0].stops] == ["A", "B"]
    assert found.cost.van_km == pytest.approx(6.0)
    assert cost(asked, found.plan).van_km == pytest.approx(4.0)
