"""
Why something is left undone, one tiny night a reason: its numbers by hand, its change just enough, one less too little.

Places stand on a line; a second is ten metres. A stop takes 100 s, a bike 10 s, a swap 50 s, a depot 200 s. A second of
a van costs 0.01, a driven second another 0.01, a lost trip 10.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from optimiser.basics.city import Handling, Prices
from optimiser.rebalancing.check import check
from optimiser.rebalancing.cost import cost
from optimiser.rebalancing.plan import NOTHING, Plan, Route, Stop
from optimiser.rebalancing.problem import Break, Depot, Must, Problem, Station
from optimiser.rebalancing.replay import replay
from optimiser.rebalancing.why_not import Code, Kind, Proof, SmallestChange, WhyNot, applied, put_in, why_not
from optimiser.rebalancing.why_not.wishes import missing
from tests.builders import problem, station, van

HANDLING = Handling(stop_s=100, bike_s=10, swap_s=50, depot_s=200)
PRICES = Prices(lost_trip=10.0, van_hour=36.0, van_km=1.0, van_use=0.0, must=100.0)


def night(stations: list[Station], at_s: list[float], *, depots: tuple[Depot, ...] = (), **van_has: Any) -> Problem:
    """One van, by default with 10 slots and two hours."""
    one = replace(van(slots=10, shift_s=7200), **van_has)
    return replace(problem(stations, at_s, vans=[one], handling=HANDLING, prices=PRICES), depots=depots)


def route(*stops: Stop, **route_has: Any) -> Plan:
    return Plan(routes=(Route(van_id="van-1", stops=stops, **route_has),))


def spare(id_: str = "A", inventory: int = 9, **has: Any) -> Station:
    """Has 5 bikes too many unless told otherwise."""
    return replace(station(id_, inventory, low=2, high=4), **has)


def short(id_: str = "B", inventory: int = 0, **has: Any) -> Station:
    """Has 4 bikes too few unless told otherwise."""
    return replace(station(id_, inventory, low=4, high=6), **has)


def fine(id_: str, **has: Any) -> Station:
    return replace(station(id_, 5, low=4, high=6), **has)


def answer_for(given: Problem, plan: Plan, station_id: str, kind: str | None = None) -> WhyNot:
    """The answer for one station; all that every answer promises is tested on the way."""
    assert () == check(given, plan)
    answers = why_not(given, plan)
    lacking = missing(given, replay(given, plan))
    assert {(a.wish.station_id, a.wish.kind): a.wish.amount for a in answers} == lacking
    (found,) = (a for a in answers if a.wish.station_id == station_id and kind in {None, a.wish.kind})
    for item in found.smallest_changes:
        lets_in(given, plan, found, item)
    return found


def lets_in(given: Problem, plan: Plan, answer: WhyNot, item: SmallestChange) -> None:
    """The change is enough and serves what it says; half of it and one less of it are not enough."""
    longer = plan if item.insertion is None else put_in(given, plan, item.insertion)
    key = answer.wish.station_id, answer.wish.kind

    def served(night: Problem) -> int:
        return answer.wish.amount - missing(night, replay(night, longer)).get(key, 0)

    changed = applied(given, item.change)
    assert () == check(changed, longer)
    assert 1 <= item.effect.units == served(changed)
    gain = cost(changed, longer).total - (cost(changed, plan).total if item.insertion else cost(given, plan).total)
    assert item.effect.delta == pytest.approx(gain)
    if item.change.by is None:
        assert check(given, longer)
        return
    one = 0.01 if item.change.of == "prices" else 1
    sign = 1 if item.change.by > 0 else -1
    for less in (item.change.by - sign * one, item.change.by / 2):
        if item.change.of == "prices":
            tried = applied(given, replace(item.change, by=less))
            assert cost(tried, longer).total >= cost(tried, plan).total - 1e-9
        elif item.insertion is None:
            tried = applied(given, replace(item.change, by=int(less)))
            assert served(tried) < item.effect.units
        else:
            assert check(applied(given, replace(item.change, by=int(less))), longer)


def change_of(answer: WhyNot, path: str) -> SmallestChange:
    (found,) = (item for item in answer.smallest_changes if item.change.path == path)
    return found


def test_a_shift_that_is_used_up_conflicts_and_says_how_many_seconds_are_missing():
    # A and home: 100 + 150 + 100 = 350 s. C lies on the way: 110 s for its first bike make 460, the shift has 420.
    given = night([spare("A"), spare("C")], [100, 50], shift_end_s=420)
    answer = answer_for(given, route(Stop(station_id="A", pickup=5)), "C")
    assert (answer.kind, answer.reasons[0].code, answer.reasons[0].proof) == (
        Kind.CONFLICTS,
        Code.SHIFT_TIME,
        Proof.PRICED,
    )
    assert (answer.reasons[0].rule, answer.reasons[0].van_id, answer.reasons[0].amount) == ("shift_end", "van-1", 40)
    item = change_of(answer, "/vans/van-1/shift_end_s")
    # 110 s x 0.01 = 1.10 for a trip of 10.
    assert (item.change.by, item.effect.units, item.effect.delta) == (40, 1, pytest.approx(-8.9))
    assert not answer.alternatives


def test_a_shift_with_just_those_seconds_more_is_a_search_limit_with_its_alternative():
    given = night([spare("A"), spare("C")], [100, 50], shift_end_s=460)
    answer = answer_for(given, route(Stop(station_id="A", pickup=5)), "C")
    assert (answer.kind, answer.reasons[0].code) == (Kind.SEARCH_LIMIT, Code.SEARCH_LIMIT)
    best = answer.alternatives[0]
    assert best.insertion.new[0][1] == Stop(station_id="C", pickup=1)
    assert (best.insertion.van_id, best.effect.units, best.effect.delta) == ("van-1", 1, pytest.approx(-8.9))


def test_a_shift_too_short_for_one_bike_is_impossible_and_one_more_second_helps():
    # 100 there, 110 for one bike, 100 back.
    answer = answer_for(night([spare("A")], [100], shift_end_s=309), NOTHING, "A")
    reason = answer.reasons[0]
    assert (answer.kind, reason.code, reason.proof) == (Kind.IMPOSSIBLE, Code.SHIFT_TIME, Proof.PROVEN)
    assert (reason.amount, reason.least) == (1, 310)
    assert change_of(answer, "/vans/van-1/shift_end_s").change.by == 1


def test_a_full_van_conflicts_and_needs_a_slot():
    # A fills the van. C lies on the way, but there is no time for anything else than a bike from there: 350 + 110 s.
    given = night([spare("A", may_drop_off=False), spare("C")], [100, 50], slots=5, shift_end_s=460)
    answer = answer_for(given, route(Stop(station_id="A", pickup=5)), "C")
    assert (answer.kind, answer.reasons[0].code, answer.reasons[0].amount) == (Kind.CONFLICTS, Code.CAPACITY, 1)
    assert change_of(answer, "/vans/van-1/slots").change.by == 1


def test_a_range_that_is_used_up_conflicts_and_says_how_many_metres_are_missing():
    # A and home are 2,000 m, C on the other side and home 1,200 m.
    given = night([spare("A"), spare("C")], [100, -60], range_m=2500)
    answer = answer_for(given, route(Stop(station_id="A", pickup=5)), "C")
    assert (answer.kind, answer.reasons[0].code, answer.reasons[0].amount) == (Kind.CONFLICTS, Code.RANGE, 700)
    assert change_of(answer, "/vans/van-1/range_m").change.by == 700


def test_a_range_too_short_for_the_station_alone_is_impossible():
    answer = answer_for(night([spare("A")], [100], range_m=1999), NOTHING, "A")
    assert (answer.kind, answer.reasons[0].code, answer.reasons[0].amount) == (Kind.IMPOSSIBLE, Code.RANGE, 1)
    assert change_of(answer, "/vans/van-1/range_m").change.by == 1


def test_a_station_that_closes_before_the_van_comes_conflicts():
    # A is done from 100 to 250 s and closes then, so nothing fits before it. C: there at 350, one bike until 460.
    given = night([spare("A", closes_s=250), spare("C", closes_s=400)], [100, 200])
    answer = answer_for(given, route(Stop(station_id="A", pickup=5)), "C")
    reason = answer.reasons[0]
    assert (answer.kind, reason.code, reason.place_id, reason.amount) == (Kind.CONFLICTS, Code.TIME_WINDOW, "C", 60)
    assert change_of(answer, "/stations/C/closes_s").change.by == 60


def test_a_station_that_closes_before_any_van_can_be_there_is_impossible():
    # There at 100, open from 150, one bike until 260.
    answer = answer_for(night([spare("A", opens_s=150, closes_s=259)], [100]), NOTHING, "A")
    assert (answer.kind, answer.reasons[0].code, answer.reasons[0].amount) == (Kind.IMPOSSIBLE, Code.TIME_WINDOW, 1)
    assert change_of(answer, "/stations/A/closes_s").change.by == 1


def test_a_van_that_has_used_its_batteries_conflicts():
    # 100 + 2 x 50 s at each: 100 + 150 + 50 + 150 + 150 s and no time to call at the depot.
    wants = {"low_charge": 1, "must": Must(swaps=1)}
    given = night([fine("A", **wants), fine("C", **wants)], [100, 150], batteries=1, shift_end_s=600)
    answer = answer_for(given, route(Stop(station_id="A", swaps=1)), "C", "swaps")
    assert (answer.kind, answer.reasons[0].code, answer.reasons[0].amount) == (Kind.CONFLICTS, Code.SWAP_PACKS, 1)
    assert change_of(answer, "/vans/van-1/batteries").change.by == 1


def test_with_time_for_a_call_at_the_depot_the_batteries_are_there():
    wants = {"low_charge": 1, "must": Must(swaps=1)}
    given = night([fine("A", **wants), fine("C", **wants)], [100, 150], batteries=1, shift_end_s=7200)
    answer = answer_for(given, route(Stop(station_id="A", swaps=1)), "C", "swaps")
    assert answer.kind is Kind.SEARCH_LIMIT
    # After A to the depot and to C: 100 + 200 + 150 + 150 + 150 instead of 100 s, 3,000 m; saves 100 of must.
    assert [stop.station_id for _, stop in answer.alternatives[0].insertion.new] == ["D", "C"]
    assert answer.alternatives[0].effect.delta == pytest.approx(6.5 + 3.0 - 100)


def test_a_depot_that_takes_no_calls_is_said_to_be_in_the_way():
    wants = {"low_charge": 1, "must": Must(swaps=1)}
    closed = (Depot(id="D", may_call=False),)
    given = night([fine("A", **wants), fine("C", **wants)], [100, 150], batteries=1, depots=closed)
    answer = answer_for(given, route(Stop(station_id="A", swaps=1)), "C", "swaps")
    assert answer.kind is Kind.CONFLICTS
    assert {reason.code for reason in answer.reasons} == {Code.SWAP_PACKS, Code.EXCLUDED_BY_USER}
    assert {item.change.path for item in answer.smallest_changes} == {"/vans/van-1/batteries", "/depots/D/may_call"}


def test_no_batteries_at_all_is_impossible():
    given = night([fine("A", low_charge=2, must=Must(swaps=2))], [100])
    answer = answer_for(given, NOTHING, "A", "swaps")
    assert (answer.kind, answer.reasons[0].code, answer.reasons[0].proof) == (
        Kind.IMPOSSIBLE,
        Code.SWAP_PACKS,
        Proof.PROVEN,
    )
    assert change_of(answer, "/vans/van-1/batteries").effect.pays


@pytest.mark.parametrize(
    ("stands", "plan", "code", "path"),
    [
        (spare("A", needs=frozenset({"crane"})), NOTHING, Code.SKILL, "/vans/van-1/skills"),
        (spare("A", is_forbidden=True), NOTHING, Code.EXCLUDED_BY_USER, "/stations/A/is_forbidden"),
        (spare("A", may_pick_up=False), NOTHING, Code.EXCLUDED_BY_USER, "/stations/A/may_pick_up"),
        (short("A", may_drop_off=False), NOTHING, Code.ZONE_NO_DROP, "/stations/A/may_drop_off"),
    ],
)
def test_what_is_not_permitted_is_impossible_until_it_is(stands, plan, code, path):
    answer = answer_for(night([stands], [100], initial_load=4), plan, "A")
    assert (answer.kind, answer.reasons[0].code, answer.reasons[0].proof) == (Kind.IMPOSSIBLE, code, Proof.PROVEN)
    assert change_of(answer, path).effect.pays


def test_a_second_stop_where_one_is_allowed_conflicts():
    # B has got the one bike that was on board; those from A come after its only stop.
    given = night([spare("A"), short("B", once=True)], [100, 200], initial_load=1, shift_end_s=1000)
    plan = route(Stop(station_id="B", dropoff=1), Stop(station_id="A", pickup=5))
    answer = answer_for(given, plan, "B")
    assert answer.kind is Kind.CONFLICTS
    assert Code.POLICY_CAP in {reason.code for reason in answer.reasons}
    assert change_of(answer, "/stations/B/once").effect.pays


def test_without_room_for_a_bike_anywhere_none_can_be_fetched():
    answer = answer_for(night([spare("A")], [100], depots=(Depot(id="D", room=0),)), NOTHING, "A")
    assert (answer.kind, answer.reasons[0].code, answer.reasons[0].rule) == (
        Kind.IMPOSSIBLE,
        Code.DOCKS_FULL,
        "no_room",
    )
    assert change_of(answer, "/depots/D/room").effect.pays


def test_a_depot_that_the_plan_fills_conflicts_with_bikes_that_ride_home():
    given = night([spare("A"), spare("C")], [100, 50], depots=(Depot(id="D", room=5),))
    given = replace(given, stations=tuple(replace(one, may_drop_off=False) for one in given.stations))
    answer = answer_for(given, route(Stop(station_id="A", pickup=5)), "C")
    reason = answer.reasons[0]
    assert (answer.kind, reason.code, reason.rule, reason.place_id) == (
        Kind.CONFLICTS,
        Code.DOCKS_FULL,
        "depot_stock",
        "D",
    )
    assert change_of(answer, "/depots/D/room").change.by == reason.amount


def test_more_bikes_than_docks_is_impossible_and_asking_for_less_helps():
    # Ten docks, ten bikes, twelve asked for.
    given = night([replace(station("A", 10, low=4, high=10), must=Must(low=12))], [100])
    answer = answer_for(given, NOTHING, "A", "low")
    reason = answer.reasons[0]
    assert (answer.kind, reason.code, reason.amount, reason.least) == (Kind.IMPOSSIBLE, Code.DOCKS_FULL, 2, 10)
    item = change_of(answer, "/stations/A/must/low")
    assert (item.change.by, item.insertion, item.effect.delta) == (-2, None, -200)


@pytest.mark.parametrize(("what", "stands"), [("swaps", "low_charge"), ("broken", "broken")])
def test_more_swaps_or_broken_bikes_than_there_are_is_impossible(what, stands):
    given = night([fine("A", **{stands: 1}, must=Must(**{what: 3}))], [100], batteries=9)
    stop = Stop(station_id="A", **{"swaps" if what == "swaps" else "broken_pickup": 1})
    answer = answer_for(given, route(stop), "A", what)
    assert (answer.kind, answer.reasons[0].code) == (Kind.IMPOSSIBLE, Code.NO_SURPLUS_LEFT)
    assert change_of(answer, f"/stations/A/must/{what}").change.by == -2


def test_without_a_bike_anywhere_nothing_can_be_brought_until_the_depot_has_one():
    answer = answer_for(night([short("B"), short("C")], [100, 200]), NOTHING, "B")
    assert (answer.kind, answer.reasons[0].code) == (Kind.IMPOSSIBLE, Code.NO_SURPLUS_LEFT)
    item = change_of(answer, "/depots/D/stock")
    assert item.insertion is not None
    assert item.insertion.more_at_start == item.change.by == item.effect.units


def test_bikes_that_all_stand_where_they_are_asked_for_conflict():
    # 4 + 4 asked for, 4 + 0 there: a bike from A saves a trip at B and loses one at A.
    given = night([short("A", 4), short("B", 0)], [100, 200])
    answer = answer_for(given, NOTHING, "B")
    first = answer.reasons[0]
    assert (answer.kind, first.code, first.proof) == (Kind.CONFLICTS, Code.NO_SURPLUS_LEFT, Proof.COUNTED)
    assert (first.least, first.amount) == (8, 4)
    assert Code.VALUE_BELOW_COST in {reason.code for reason in answer.reasons}
    assert change_of(answer, "/depots/D/stock").effect.pays


def test_what_costs_more_than_it_gains_says_at_what_price_it_would_pay():
    # There and back 200 s and 2,000 m, 120 s for the stop and two bikes: 3.20 + 2.00 for two trips, 2.61 each pays.
    given = night([spare("A", 6)], [100])
    given = replace(given, prices=replace(PRICES, lost_trip=2.0))
    answer = answer_for(given, NOTHING, "A")
    first = answer.reasons[0]
    assert (answer.kind, first.code, first.amount) == (Kind.NOT_WORTH_IT, Code.VALUE_BELOW_COST, pytest.approx(1.2))
    assert change_of(answer, "/prices/lost_trip").change.by == pytest.approx(0.61)
    assert answer.alternatives[0].effect.delta == pytest.approx(1.2)


def test_must_do_work_that_is_too_cheap_to_be_done_says_what_it_would_have_to_be_worth():
    # A call: 200 s there and back, 100 s: 3.00 + 2.00.
    given = night([fine("A", must=Must(visit=True))], [100])
    given = replace(given, prices=replace(PRICES, must=1.0))
    answer = answer_for(given, NOTHING, "A", "visit")
    assert (answer.kind, answer.reasons[0].amount) == (Kind.NOT_WORTH_IT, pytest.approx(4.0))
    assert change_of(answer, "/prices/must").change.by == pytest.approx(4.01)


def test_a_swap_that_is_asked_for_makes_the_bike_that_is_wanted_and_pays_where_bringing_one_does_not():
    # There, home and a stop: 300 s, 3.00, and 2.00 for driving. A bike more: 10 s for a trip of 1. A swap more: 50 s
    # for a trip of 1 and 100 that the swap is worth.
    stands = replace(station("B", 3, low=4, high=6), low_charge=1, must=Must(swaps=1))
    given = night([stands], [100], shift_end_s=300, initial_load=1, batteries=1)
    given = replace(given, prices=replace(PRICES, lost_trip=1.0))
    item = change_of(answer_for(given, NOTHING, "B", "short"), "/vans/van-1/shift_end_s")
    assert (item.change.by, item.effect.units, item.effect.delta) == (50, 1, pytest.approx(-95.5))


def test_what_would_not_pay_even_if_it_fitted_says_both():
    # A shift of 309 s is a second too short, and 3.10 + 2.00 are more than the trip that a bike saves.
    given = night([spare("A", 5)], [100], shift_end_s=309)
    answer = answer_for(replace(given, prices=replace(PRICES, lost_trip=2.0)), NOTHING, "A")
    assert answer.kind is Kind.IMPOSSIBLE
    assert [reason.code for reason in answer.reasons] == [Code.SHIFT_TIME, Code.VALUE_BELOW_COST]
    assert not change_of(answer, "/vans/van-1/shift_end_s").effect.pays


def test_a_proven_best_plan_makes_what_is_left_not_worth_it():
    given = replace(night([spare("A", 6)], [100]), prices=replace(PRICES, lost_trip=2.0))
    (answer,) = why_not(given, NOTHING, is_proven_best=True)
    assert (answer.kind, answer.reasons[0].code, answer.reasons[0].proof) == (
        Kind.NOT_WORTH_IT,
        Code.VALUE_BELOW_COST,
        Proof.PROVEN,
    )


def test_a_station_served_in_part_gets_more_at_the_stop_that_is_made_anyway():
    # Three of five are taken; two more take 20 s = 0.20 and save 20.
    answer = answer_for(night([spare("A")], [100]), route(Stop(station_id="A", pickup=3)), "A")
    best = answer.alternatives[0]
    assert best.insertion.more == ((0, Stop(station_id="A", pickup=2)),)
    assert (answer.kind, best.effect.units, best.effect.delta) == (Kind.SEARCH_LIMIT, 2, pytest.approx(-19.8))


def test_a_station_without_bikes_on_board_is_paired_with_the_best_stop_that_has_some():
    # A at 100 s has five too many, B at 200 s lacks four, takes six: 400 s, 4,000 m, 200 s for stops, 100 s for bikes.
    given = night([spare("A"), short("B")], [100, 200])
    answer = answer_for(given, NOTHING, "B")
    best = answer.alternatives[0]
    assert [stop for _, stop in best.insertion.new] == [Stop(station_id="A", pickup=5), Stop(station_id="B", dropoff=5)]
    assert (best.effect.units, best.effect.delta) == (4, pytest.approx(7.0 + 4.0 - 90))


def test_a_break_is_put_where_it_still_may_be_taken_and_its_seconds_count():
    # A until 250 s; one bike of C on the way back until 410 and home at 460 without, 560 with the break due by 400.
    rest = Break(duration_s=100, earliest_s=0, latest_s=400)
    given = night([spare("A"), spare("C")], [100, 50], shift_end_s=500, break_=rest)
    answer = answer_for(given, route(Stop(station_id="A", pickup=5)), "C")
    assert (answer.kind, answer.reasons[0].code, answer.reasons[0].amount) == (Kind.CONFLICTS, Code.SHIFT_TIME, 60)


def test_a_van_without_work_is_as_good_as_any():
    # Van 1 is busy until its shift ends, van 2 has nothing to do: 310 s for one bike of C.
    busy = night([spare("A"), spare("C", 5)], [100, 100], shift_end_s=350)
    given = replace(busy, vans=(*busy.vans, replace(busy.vans[0], id="van-2")))
    answer = answer_for(given, route(Stop(station_id="A", pickup=5)), "C")
    assert answer.kind is Kind.SEARCH_LIMIT
    assert {item.insertion.van_id for item in answer.alternatives} == {"van-2"}


def test_a_night_without_vans_and_one_without_wishes():
    assert () == why_not(night([fine("A")], [100]), NOTHING)
    given = night([spare("A")], [100], start_depot_id="D")
    nobody = replace(given, vans=())
    (answer,) = why_not(nobody, NOTHING)
    assert (answer.kind, answer.reasons[0].code) == (Kind.IMPOSSIBLE, Code.SHIFT_TIME)
