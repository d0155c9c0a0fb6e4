"""Floors: how plans that keep them are looked for, how far they give way, and as what that is told."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from optimiser.siting import beginning, evenly, keeping, nearest
from optimiser.siting.conflicts import floors_of_plan, possible_wishes
from optimiser.siting.cost import district_shares
from optimiser.siting.exact import solve_exactly
from optimiser.siting.groups import groups_of
from optimiser.siting.lowered import Ending, LoweredFloor
from optimiser.siting.plan import Installation
from optimiser.siting.problem import Scenario
from optimiser.siting.result import Conflict
from optimiser.siting.solve import solve
from tests.siting_studies import DRIVERS, PEOPLE, SLOW, point, random_study, site, study, wishes
from tests.unit.siting.conflicts import LIMITS, SEARCHED, beyond_all, conflict_of, crossed_by_a_grid


def built(result):
    return {(item.phase, item.site_id, item.kind_id): item.plugs for item in result.plan.installations}


def test_a_floor_above_what_is_within_reach_is_lowered_to_it():
    # Half of the district has no site within reach.
    asked = study(
        [point("a", 4, district="west"), point("b", 4, district="west")],
        [site("A")],
        [{"A": 10}, {}],
        districts=("west",),
        wishes=wishes(500.0, floors={"west": 0.9}),
    )
    told = conflict_of(asked)["floor"]
    assert told.is_proven
    assert (told.ids, told.asked, told.possible) == (("west",), 0.9, pytest.approx(0.5, abs=1e-5))


def test_a_floor_that_one_dear_site_keeps_does_not_give_way_to_a_cheap_one():
    # The cheap site serves one for 20, the dear one for 25; but one site alone has to serve eight in ten.
    asked = study(
        [point("a", 6, district="west"), point("b", 4, district="west")],
        [site("cheap", cost=110.0), site("dear", cost=240.0)],
        [{"cheap": 10, "dear": 10}, {"dear": 10}],
        districts=("west",),
        wishes=wishes(None, max_new_sites=1, floors={"west": 0.8}),
    )
    for money in (None, 300.0):
        result = solve(replace(asked, wishes=replace(asked.wishes, phases=wishes(money).phases)), LIMITS)
        assert not result.conflicts
        assert built(result) == {(0, "dear", "slow"): 1}


def test_a_floor_that_no_plan_at_once_keeps_is_searched_for():
    # M serves four of the six at once, and no other site the two that are left; L and R serve all.
    asked = study(
        [point(id_, 1, district="west") for id_ in "abcdef"],
        [site("L"), site("M"), site("R")],
        [{"L": 10}, {"L": 10, "M": 10}, {"L": 10, "M": 10}, {"R": 10, "M": 10}, {"R": 10, "M": 10}, {"R": 10}],
        districts=("west",),
        wishes=wishes(None, max_new_sites=2, floor=1.0),
    )
    result = solve(asked, SEARCHED)
    assert not result.conflicts
    assert built(result) == {(0, "L", "slow"): 1, (0, "R", "slow"): 1}


def patched(monkeypatch, for_floors):
    """Other plans where floors are searched for, and none by the integer programme."""
    monkeypatch.setattr(beginning, "searched_for_floors", for_floors)
    monkeypatch.setattr(keeping, "for_floors", for_floors)
    for module, name in ((evenly, "even_exactly"), (nearest, "least_exactly")):
        monkeypatch.setattr(module, name, lambda *_, **__: None)


def test_more_to_begin_with_may_lead_to_a_plan_that_needs_no_more(monkeypatch):
    asked = replace(crossed_by_a_grid(), wishes=wishes(None, max_new_sites=2, floor=1.0))
    searches = iter([()])
    real = keeping.for_floors
    patched(monkeypatch, lambda *args: next(searches, None) or real(*args))
    result = solve(asked, SEARCHED)
    assert not result.conflicts
    assert built(result) == {(0, "L", "slow"): 1, (0, "R", "slow"): 1}


@pytest.mark.parametrize(
    ("share", "asked", "reached"),
    [(0.598, "60.0%", "59.8%"), (0.599996, "60.0%", "59.9%"), (0.0, "60.0%", "0.0%")],
)
def test_a_floor_and_what_was_reached_are_told_apart_and_what_is_told_can_be_asked_for(share, asked, reached):
    points = [point("a", share, district="west"), point("b", 1 - share, district="west")]
    near = study(points, [site("A")], [{"A": 10}, {}], districts=("west",), wishes=wishes(500.0, floor=0.6))
    text = conflict_of(near)["floor"].text
    assert text.startswith(f"{asked} of district west are to be served, {reached} have a site within reach")
    kept = replace(near, wishes=wishes(500.0, floor=float(reached[:-1]) / 100))
    assert not solve(kept, LIMITS).conflicts


def test_of_a_third_as_many_digits_are_told_as_it_takes():
    points = [point("a", 0.33331, district="west"), point("b", 0.66669, district="west")]
    near = study(points, [site("A")], [{"A": 10}, {}], districts=("west",), wishes=wishes(500.0, floor=1 / 3))
    assert conflict_of(near)["floor"].text.startswith("33.333% of district west are to be served, 33.331% have")


def test_a_share_within_the_limits_is_told_rounded_down_and_can_be_asked_for():
    asked = study(
        [point("a", 1, district="west"), point("b", 2, district="west")],
        [site("A"), site("B")],
        [{"A": 10}, {"B": 10}],
        districts=("west",),
        wishes=wishes(120.0, floors={"west": 0.9}),
    )
    told = conflict_of(asked)["floor"]
    # One site, so two in three.
    assert told.possible == 0.66666
    assert told.text.startswith("90.0% of district west are to be served, within the limits 66.6% were reached")
    assert not conflict_of(replace(asked, wishes=wishes(120.0, floors={"west": told.possible})))


def test_floors_that_share_too_few_plugs_give_way_evenly():
    # One plug takes 0.116 sessions an hour, 1.16 of the 20 drivers with 0.1 each: whoever they are, so half and half.
    asked = study(
        [point(id_, 10, segment="drivers", district=id_) for id_ in ("west", "east")],
        [site("A", plugs={"slow": 1}, max_plugs=1)],
        [{"A": 10}, {"A": 10}],
        districts=("west", "east"),
        wishes=wishes(0.0, floor=0.5),
    )
    each = SLOW.sessions_per_hour(1) / 0.1 / 2 / 10
    told = [item for item in solve(asked, LIMITS).conflicts if item.rule == "floor"]
    assert [(item.ids, item.possible) for item in told] == [
        (("west",), pytest.approx(each, abs=1e-5)),
        (("east",), pytest.approx(each, abs=1e-5)),
    ]
    assert all(item.is_impossible for item in told)
    assert all(
        item.text.endswith("; no plan keeps all floors, whatever money and number of sites there are") for item in told
    )


def in_three_districts(floor):
    """With money for two sites of one district, which serve all of it, or one that serves a fifth of each."""
    points = [
        point(f"{id_}{part}", weight, district=id_) for id_ in "abc" for part, weight in (("near", 2), ("far", 8))
    ]
    return study(
        points,
        [*(site(id_) for id_ in "abc"), site("M", cost=210.0)],
        [{id_: 10, "M": 10} if part == 0 else {id_: 10} for id_ in "abc" for part in range(2)],
        districts="abc",
        wishes=wishes(220.0, floor=floor),
    )


def test_floors_give_way_evenly_rather_than_one_of_them_wholly():
    result = solve(in_three_districts(0.5), LIMITS)
    assert built(result) == {(0, "M", "slow"): 1}
    told = {item.ids[0]: item for item in result.conflicts if item.rule == "floor"}
    assert {id_: item.possible for id_, item in told.items()} == {id_: pytest.approx(0.2, abs=1e-5) for id_ in "abc"}
    # What is told as possible can be asked for.
    again = solve(in_three_districts(min(item.possible for item in told.values())), LIMITS)
    assert not again.conflicts


def with_one_floor_that_cannot_be_kept():
    """
    Of a's ten drivers its plugs take 1.16, and it may have no more. Of b, c and d a cheap site serves a fifth, a dear
    one all, and the money pays for the dear ones; or for cheap ones and that of e, which is promised nothing.
    """
    parts = [(point(f"{id_}{part}", weight, district=id_), id_) for id_ in "bcd" for part, weight in enumerate((2, 8))]
    dear = [site(f"dear {id_}", cost=290.0) for id_ in "bcd"]
    return study(
        [
            point("a", 10, segment="drivers", district="a"),
            *(part for part, _ in parts),
            point("e", 90, district="e"),
        ],
        [
            site("A", plugs={"slow": 1}, max_plugs=1),
            *(site(f"cheap {id_}") for id_ in "bcd"),
            *dear,
            site("E"),
        ],
        [
            {"A": 10},
            *({f"dear {id_}": 10} | ({f"cheap {id_}": 10} if part.id.endswith("0") else {}) for part, id_ in parts),
            {"E": 10},
        ],
        districts="abcde",
        wishes=wishes(900.0, floors=dict.fromkeys("abcd", 0.5)),
    )


def test_what_one_floor_lacks_takes_nothing_from_another(monkeypatch):
    # Nothing but what comes after shares that are alike.
    monkeypatch.setattr(beginning, "searched_for_floors", lambda *_: iter(()))
    result = solve(with_one_floor_that_cannot_be_kept(), LIMITS)
    assert [item.ids for item in result.conflicts if item.rule == "floor"] == [("a",)]
    assert built(result) == {(0, f"dear {id_}", "slow"): 1 for id_ in "bcd"}


def test_shares_of_floors_leave_time_for_what_would_do(monkeypatch):
    # Of all three a fifth is the most; which of them could be kept further by itself is not asked so late.
    asked, count = in_three_districts(0.9), itertools.count()
    groups, real = groups_of(asked), evenly.even_exactly
    late = keeping.Looking(seed=1, over=lambda: lambda: 1.0, seconds=60.0, gone=lambda: 1.0)
    best = keeping.kept(asked, groups, ((), ()))
    monkeypatch.setattr(evenly, "even_exactly", lambda *args, **given: (next(count), real(*args, **given))[1])
    told = evenly.evenly(asked, groups, best, late, late)
    assert told is not None
    assert {item.ids[0]: item.possible for item in told[1].conflicts} == {
        id_: pytest.approx(0.2, abs=1e-5) for id_ in "abc"
    }
    assert next(count) == 1


def test_without_time_for_searches_floors_give_way_to_what_a_plan_at_once_keeps_of_all(monkeypatch):
    asked = in_three_districts(0.9)
    # As for a study too large for its integer programme.
    monkeypatch.setattr(evenly, "even_exactly", lambda *_, **__: None)
    monkeypatch.setattr(keeping, "solve_exactly", lambda *_, **__: None)
    monkeypatch.setattr(evenly, "EVEN_SHARE", 0.0)
    result = solve(asked, LIMITS)
    told = {item.ids[0]: item.possible for item in result.conflicts if item.rule == "floor"}
    # 0.9 and 0.45 of all are too much, 0.225 is, and of 0.1125 the plan serves a fifth.
    assert told == {id_: pytest.approx(0.2, abs=1e-5) for id_ in "abc"}


def test_shares_of_floors_are_searched_between_what_is_kept_and_what_is_not(monkeypatch):
    monkeypatch.setattr(evenly, "even_exactly", lambda *_, **__: None)
    monkeypatch.setattr(keeping, "solve_exactly", lambda *_, **__: None)
    tried = []
    keep = evenly.keeping
    monkeypatch.setattr(
        evenly, "keeping", lambda problem, *rest: tried.append([*map(problem.floor_of, "abc")]) or keep(problem, *rest)
    )
    solve(in_three_districts(0.9), LIMITS)
    shares = [floors[0] for floors in tried if len(set(floors)) == 1]
    # Between a fifth and 0.9, in equal steps of their ratio, down to a twentieth.
    assert shares[:2] == pytest.approx([(0.2 * 0.9) ** 0.5, (0.2 * (0.2 * 0.9) ** 0.5) ** 0.5])
    assert 0.2 < shares[-1] <= 0.22
    # Then one of them left there, and two.
    fifth = pytest.approx(0.2, abs=1e-5)
    assert tried[len(shares) :] == [[fifth, 0.9, 0.9], [fifth, fifth, 0.9]]


def test_lower_floors_may_lead_to_a_plan_that_keeps_those_asked_for(monkeypatch):
    asked = replace(crossed_by_a_grid(), wishes=wishes(None, max_new_sites=2, floor=1.0))
    best = ((Installation(phase=0, site_id="L", kind_id="slow", plugs=1),), ())
    both = ((*best[0], Installation(phase=0, site_id="R", kind_id="slow", plugs=1)), ())
    patched(monkeypatch, lambda problem, *_: iter([both if problem.floor_of("west") < 1.0 else best]))
    result = solve(asked, LIMITS)
    assert not result.conflicts
    assert built(result) == {(0, "L", "slow"): 1, (0, "R", "slow"): 1}


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 5, 6, 7, 11, 13, 14, 16, 17, 18, 19])
def test_no_greater_share_of_all_floors_can_be_kept_than_is_told(seed):
    asked = random_study(seed, floor=0.9)
    floors = {item.id: asked.floor_of(item.id) for item in asked.districts}
    floors |= {
        item.ids[0]: item.possible
        for item in possible_wishes(asked, groups_of(asked)).conflicts
        if item.rule == "floor"
    }
    told = [item for item in solve(asked, SEARCHED).conflicts if item.rule == "floor"]
    kept = min(item.possible / floors[item.ids[0]] for item in told)
    assert kept < 1 - 1e-4
    # What no plan keeps by itself gives way first, so that the others are kept whole.
    if not beyond_all(told):
        assert not is_possible(asked, {id_: min(1.0, kept + 0.001) * floor for id_, floor in floors.items()})
    # Nor can any of them be kept further beside the others.
    low = floors | {item.ids[0]: item.possible for item in told}
    assert is_possible(asked, {id_: (1 - 2e-6) * floor for id_, floor in low.items()})
    for item in told:
        assert not is_possible(asked, low | {item.ids[0]: item.possible + 0.005 * floors[item.ids[0]]})


def is_possible(asked, floors):
    """Whether any plan keeps such floors, by the integer programme of all phases."""
    changed = replace(asked, wishes=replace(asked.wishes, floors=floors))
    exact = solve_exactly(changed, groups_of(changed), seconds=60.0, is_any_enough=True)
    return exact is not None


def test_a_floor_that_only_the_programme_of_a_small_study_keeps_is_kept(monkeypatch):
    asked = crossed_by_a_grid()
    asked = replace(asked, wishes=replace(asked.wishes, max_new_sites=2))
    monkeypatch.setattr(keeping, "_search_floors", lambda problem, groups, start, *_, **__: start)
    assert not solve(asked, LIMITS).conflicts


def test_a_search_for_floors_asks_more_where_demand_may_be_greater(monkeypatch):
    # One plug serves what the floor of the west asks of the ten that are expected there, two what it asks of fifteen;
    # one in the east brings more than the second one.
    plug = SLOW.sessions_per_hour(1) / DRIVERS.sessions_per_hour
    asked = study(
        [point("a", 10, segment="drivers", district="west"), point("b", 10, segment="drivers", district="east")],
        [site("A", max_plugs=1), site("B", max_plugs=1), site("E", max_plugs=1)],
        [{"A": 100, "B": 100}, {"E": 10}],
        segments=(PEOPLE, replace(DRIVERS, kinds=frozenset({"slow"}), full_s=50, least=0.5)),
        districts=("west", "east"),
        wishes=wishes(
            220.0,
            floors={"west": 0.95 * plug / 10},
            scenarios=tuple(
                Scenario(name=name, probability=0.5, by_district={"west": times})
                for name, times in (("low", 0.5), ("high", 1.5))
            ),
        ),
    )
    monkeypatch.setattr(keeping, "solve_exactly", lambda *_, **__: None)
    monkeypatch.setattr(keeping, "plans_at_once", lambda *_: [((), ())])
    looking = keeping.Looking(seed=1, over=twenty_looks, seconds=1.0, gone=lambda: 0.0)
    found = keeping.keeping(asked, groups_of(asked), looking)
    assert found is not None
    assert {item.site_id for item in found[0]} == {"A", "B"}


def twenty_looks():
    """A search of twenty looks at the clock."""
    looks = itertools.count()
    return lambda: next(looks) / 20


def test_a_floor_that_the_plan_keeps_in_the_end_has_not_given_way():
    # A fast plug has to take the place of the slow one that serves more people without waiting: no search does that.
    asked = random_study(28, phases=2, floor=0.6)
    asked = replace(asked, wishes=replace(asked.wishes, max_new_sites=None, phases=wishes(1e9, 1e9).phases))
    result = solve(asked, LIMITS)
    assert min(min(district_shares(asked, serving).values()) for serving in result.plan.servings) >= 0.6
    assert not result.conflicts
    assert result.wishes == asked.wishes


def test_a_floor_that_gave_way_is_told_as_far_as_the_plan_keeps_it():
    asked = study(
        [point("a", 4, district="west"), point("b", 6, district="west")],
        [site("A"), site("B")],
        [{"A": 10}, {"B": 10}],
        districts=("west",),
        wishes=wishes(120.0, floors={"west": 0.3}),
    )
    known = {"asked": 0.9, "possible": 0.3, "is_proven": False, "is_impossible": False}
    told = "90.0% of district west are to be served, within the limits {} were reached" + Ending.OPEN_FOR_ALL
    floor = LoweredFloor(rule="floor", ids=("west",), text=told.format("30.0%"), ending=Ending.OPEN_FOR_ALL, **known)
    money = Conflict(rule="budget", ids=("west",), text="220 would do", **known)
    # B alone serves 0.6, both all.
    kept = floors_of_plan(asked, (floor, money), solve(asked, LIMITS).plan)
    assert (kept.conflicts[0].possible, kept.conflicts[1]) == (pytest.approx(0.6), money)
    assert kept.conflicts[0].text == told.format("60.0%")
    assert kept.problem.floor_of("west") == pytest.approx(0.6, abs=1e-5)
    rich = replace(asked, wishes=wishes(220.0, floors={"west": 0.3}))
    kept = floors_of_plan(rich, (floor, money), solve(rich, LIMITS).plan)
    assert (kept.conflicts, kept.problem.floor_of("west")) == ((), 0.9)
