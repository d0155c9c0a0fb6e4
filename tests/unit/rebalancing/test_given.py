"""A problem that contradicts itself is refused by name; every number of one that does not is in its fingerprint."""

from dataclasses import fields, replace

import numpy as np
import pytest

from optimiser.basics.city import Handling, Prices
from optimiser.basics.errors import InvalidProblem
from optimiser.rebalancing.problem import Break, Depot, Must, Station, Van, Zone
from tests.unit.rebalancing.whole_nights import HANDLING, PRICES, make_a, make_b, make_van, whole_night


def night_zone(**changes) -> Zone:
    return replace(Zone(id="centre", station_ids=("A", "B")), **changes)


def break_of(*times: int) -> Break:
    return Break(duration_s=times[0], earliest_s=times[1], latest_s=times[2])


def far_less(night):
    lengths = night.travel.length_m.copy()
    lengths[0, 1] = -1
    return replace(night.travel, length_m=lengths)


REFUSED = [
    (lambda: make_a(low_charge=-1), "station A: low_charge is -1"),
    (lambda: make_a(broken=-1), "station A: broken is -1"),
    (lambda: make_a(opens_s=10, closes_s=9), "station A: opening hours 10..9 s are reversed"),
    (lambda: make_a(must=Must(low=3, high=2)), "station A: must: 3..2 bikes"),
    (lambda: make_a(must=Must(low=-1)), "station A: must: -1..None bikes"),
    (lambda: make_a(must=Must(swaps=-1)), "station A: must: swaps is -1"),
    (lambda: make_a(must=Must(broken=-1)), "station A: must: broken is -1"),
    (lambda: make_b(lost_trips_freed=((0.0,) * 6,)), "station B: lost trips for 1 freed docks, only 0 are blocked"),
    (lambda: make_b(broken=1, lost_trips_freed=((0.0,) * 5,)), "with 1 freed docks have 5 entries, expected 6"),
    (lambda: make_b(broken=1, lost_trips_freed=((0.0, 0, 0, 0, 0, -1),)), "freed docks must be finite and at least 0"),
    (lambda: make_b(broken=1, lost_trips_freed=((0.0, 0, 2, 2, 2, 2),)), "freed docks are not convex"),
    (lambda: Depot(id="D", stock=-1), "depot D: stock is -1"),
    (lambda: Depot(id="D", stock=3, room=2), "depot D: stock 3 is outside 0..2"),
    (lambda: make_van(batteries=-1), "van van-1: batteries is -1"),
    (lambda: make_van(range_m=-1), "van van-1: range is -1 m"),
    (lambda: make_van(break_=break_of(0, 1, 2)), "van van-1: break of 0 s"),
    (lambda: make_van(break_=break_of(60, 3, 2)), "van van-1: break between 3 and 2 s is reversed"),
    (lambda: make_van(shift_start_s=9, break_=break_of(60, 1, 8)), "over before its shift starts at 9 s"),
    (lambda: night_zone(station_ids=()), "zone centre: has no stations"),
    (lambda: night_zone(station_ids=("A", "A")), "zone centre: station ids appear more than once: A"),
    (lambda: night_zone(floor=3, cap=2), "zone centre: 3..2 bikes"),
    (lambda: night_zone(cap=-1), "zone centre: None..-1 bikes"),
    (lambda: whole_night(zones=(night_zone(station_ids=("A", "X")),)), "zone centre: there is no station X"),
    (lambda: whole_night(zones=(night_zone(), night_zone())), "zone ids appear more than once: centre"),
    (lambda: whole_night(depots=(Depot(id="D"), Depot(id="D"))), "depot ids appear more than once: D"),
    (lambda: whole_night(depots=(Depot(id="F"),)), "travel times: no place for F"),
    (lambda: whole_night(depots=(Depot(id="A"),)), "ids are both station and depot: A"),
    (lambda: whole_night(travel=far_less(whole_night())), "travel times: negative lengths"),
    *(
        (lambda name=field.name: whole_night(handling=replace(HANDLING, **{name: -1})), "handling: times must be")
        for field in fields(Handling)
    ),
    (lambda: make_van(initial_low_load=-1), "van van-1: 1 ready, -1 low-charge and 0 broken bikes on board"),
    (lambda: make_van(slots=5, initial_broken_load=5), "together 0..5 are possible"),
    (lambda: make_van(initial_batteries=-1), "van van-1: initial batteries is -1, outside 0..2"),
    *(
        (
            lambda name=field.name: whole_night(prices=replace(PRICES, **{name: float("inf")})),
            f"prices: {field.name} is",
        )
        for field in fields(Prices)
    ),
]


@pytest.mark.parametrize(("broken", "says"), REFUSED)
def test_what_is_wrong_is_named(broken, says):
    with pytest.raises(InvalidProblem, match=says.replace("(", r"\(")):
        broken()


def test_a_wish_that_cannot_come_true_is_no_contradiction():
    wish = Must(visit=True, low=99, swaps=99, broken=99)
    assert wish == whole_night(a=make_a(must=wish, is_forbidden=True), zones=(night_zone(floor=999),)).stations[0].must


STATION = {
    "low_charge": 3,
    "broken": 2,
    "lost_trips_freed": ((0.0,) * 12,),
    "needs": frozenset({"crane"}),
    "opens_s": 5,
    "closes_s": 5000,
    "may_pick_up": False,
    "may_drop_off": True,
    "is_forbidden": True,
    "once": True,
    "must": Must(visit=True),
}
VAN = {
    "batteries": 3,
    "range_m": 1,
    "skills": frozenset(),
    "break_": Break(duration_s=101, earliest_s=300, latest_s=310),
    "initial_low_load": 1,
    "initial_broken_load": 1,
    "initial_batteries": 1,
}
OLD_STATION, OLD_VAN = {"id", "capacity", "inventory", "target"}, {"id", "slots", "initial_load", "speed_factor"}
OLD_VAN |= {"start_depot_id", "end_depot_id", "shift_start_s", "shift_end_s"}


def test_every_new_field_is_in_the_fingerprint():
    assert {field.name for field in fields(Station)} == STATION.keys() | OLD_STATION
    assert {field.name for field in fields(Van)} == VAN.keys() | OLD_VAN
    changed = [
        *(whole_night(a=make_a(**{name: value})) for name, value in STATION.items()),
        *(whole_night(van_1=make_van(**{name: value})) for name, value in VAN.items()),
        *(whole_night(a=make_a(must=must)) for must in (Must(low=1), Must(high=1), Must(swaps=1), Must(broken=1))),
        whole_night(depots=()),
        whole_night(depots=(Depot(id="D", stock=2, room=2),)),
        whole_night(depots=(Depot(id="D", stock=1, room=3),)),
        *(whole_night(zones=(zone,)) for zone in (night_zone(), night_zone(floor=1), night_zone(cap=1))),
        whole_night(zones=(night_zone(station_ids=("A",)),)),
        *(whole_night(handling=replace(HANDLING, **{field.name: 7})) for field in fields(Handling)),
        *(whole_night(prices=replace(PRICES, **{field.name: 7.5})) for field in fields(Prices)),
    ]
    assert len(changed) + 1 == len({whole_night().input_hash, *(night.input_hash for night in changed)})


def test_skills_have_no_order():
    hashes = {whole_night(van_1=make_van(skills=frozenset(words))).input_hash for words in (["key", "x"], ["x", "key"])}
    assert 1 == len(hashes)


def test_every_new_field_has_a_default_that_asks_for_nothing():
    old = {name: getattr(make_a(), name) for name in OLD_STATION}
    plain = Station(**old)
    assert (0, 0, (), frozenset(), None, None) == (
        plain.low_charge,
        plain.broken,
        plain.lost_trips_freed,
        plain.needs,
        plain.opens_s,
        plain.closes_s,
    )
    assert plain.may_pick_up
    assert plain.may_drop_off
    assert not plain.is_forbidden
    assert not plain.once
    assert plain.must is None
    assert 0 == plain.blocked
    assert np.array_equal(plain.target.lost_trips, [plain.lost_trips(bikes) for bikes in range(plain.capacity + 1)])
