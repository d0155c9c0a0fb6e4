"""Wishes that cannot be kept: which give way, and what is told that would do."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from optimiser.siting import beginning, evenly, keeping, nearest
from optimiser.siting.check import check
from optimiser.siting.conflicts import possible_wishes
from optimiser.siting.enough import enough_at_once
from optimiser.siting.exact import Least, least_exactly, solve_exactly
from optimiser.siting.groups import groups_of
from optimiser.siting.keeping import with_money
from optimiser.siting.model import Aim
from optimiser.siting.problem import GridNode
from optimiser.siting.result import Instead
from optimiser.siting.solve import solve
from tests.siting_studies import FAST, PEOPLE, SLOW, point, random_study, site, study, wishes
from tests.unit.siting.conflicts import LIMITS, SEARCHED, beyond_all, conflict_of, crossed_by_a_grid


def test_where_no_plan_is_found_at_all_wishes_give_way_and_nothing_is_built(monkeypatch):
    monkeypatch.setattr("optimiser.siting.keeping.construct", lambda *_: ((), ()))
    monkeypatch.setattr("optimiser.siting.solve.topped_up", lambda *_: None)
    monkeypatch.setattr("optimiser.siting.beside.solve_exactly", lambda *_, **__: None)
    asked = study([point("a", 3)], [site("A")], [{"A": 10}], wishes=wishes(500.0, force=frozenset("A")))
    result = solve(asked, LIMITS)
    assert [conflict.rule for conflict in result.conflicts] == ["force"]
    assert check(replace(asked, wishes=result.wishes), result.plan) == ()


def test_a_forced_site_beyond_the_budget_is_told_with_the_money_it_needs():
    asked = study([point("a", 3)], [site("A")], [{"A": 10}], wishes=wishes(50.0, force=frozenset("A")))
    conflicts = conflict_of(asked)
    assert conflicts["force"].ids == ("A",)
    assert (conflicts["budget"].asked, conflicts["budget"].possible) == (50.0, 110)


def test_money_that_pays_for_no_charger_is_told_with_what_would():
    # The cheaper one is at a site that nobody reaches.
    asked = study([point("a", 3)], [site("A"), site("B", cost=10.0)], [{"A": 10}], wishes=wishes(60.0, 30.0))
    told = conflict_of(asked)["budget"]
    assert (told.ids, told.asked, told.possible, told.is_proven) == (("A",), 90.0, 110, True)
    assert solve(asked, LIMITS).upper_bound == 0.0
    assert solve(replace(asked, wishes=wishes(60.0, 50.0)), LIMITS).conflicts == ()


def test_a_floor_beyond_the_budget_is_lowered_to_what_was_reached():
    asked = study(
        [point("a", 4, district="west"), point("b", 6, district="west")],
        [site("A"), site("B")],
        [{"A": 10}, {"B": 10}],
        districts=("west",),
        wishes=wishes(120.0, floors={"west": 0.9}),
    )
    told = conflict_of(asked)
    assert told["floor"].possible == pytest.approx(0.6, abs=1e-5)
    # A site with a plug takes 110, and both are needed.
    assert (told["budget"].ids, told["budget"].asked, told["budget"].possible) == (("west",), 120.0, 220)
    assert told["budget"].text == "no plan within 120 keeps the floors asked for; 220 would do, and no less"
    assert told["budget"].instead == Instead(budget=220)
    assert "budget" not in conflict_of(replace(asked, wishes=replace(asked.wishes, phases=wishes(220.0).phases)))


def test_a_floor_that_takes_more_sites_than_are_allowed_is_told_with_how_many_would_do():
    asked = study(
        [point("a", 4, district="west"), point("b", 6, district="west")],
        [site("A"), site("B", lon=0.001)],
        [{"A": 10}, {"B": 10}],
        districts=("west",),
        wishes=wishes(None, max_new_sites=1, floors={"west": 0.9}),
    )
    told = conflict_of(asked)["max_new_sites"]
    assert (told.asked, told.possible) == (1, 2)
    assert told.text == "no plan of at most 1 new site keeps the floors asked for; 2 sites would do, and no fewer"
    poor = replace(asked, wishes=wishes(100.0, max_new_sites=1, floors={"west": 0.9}))
    assert conflict_of(poor)["max_new_sites"].text.endswith("2 sites and 220 would do, and no less")
    assert conflict_of(poor)["max_new_sites"].instead == Instead(budget=220, max_new_sites=2)
    # 111 m apart, so only one of the two may be built whatever is paid: only a shorter distance would do.
    near = replace(asked, wishes=wishes(None, spacing_m=200.0, floors={"west": 0.9}))
    assert set(conflict_of(near)) == {"floor", "spacing"}


def test_what_would_do_is_searched_for_where_no_plan_at_once_keeps_floors():
    asked = crossed_by_a_grid()
    told = conflict_of(asked)["max_new_sites"]
    assert (told.possible, told.text.partition("; ")[2]) == (2, "2 sites would do, and no fewer")
    none = replace(asked, wishes=wishes(0.0, floor=1.0))
    # A site with a plug takes 110, and both are needed.
    assert (conflict_of(none)["budget"].asked, conflict_of(none)["budget"].possible) == (0.0, 220)
    neither = replace(asked, wishes=wishes(0.0, max_new_sites=0, floor=1.0))
    assert conflict_of(neither)["max_new_sites"].text.endswith("; 2 sites and 220 would do, and no less")
    assert {
        item.rule for item in solve(replace(asked, wishes=wishes(220.0, max_new_sites=2, floor=1.0)), LIMITS).conflicts
    } == set()


def test_one_site_that_would_do_is_one():
    points, wished = [point("a", 4, district="west")], wishes(None, max_new_sites=0, floor=0.9)
    none = study(points, [site("A")], [{"A": 10}], districts=("west",), wishes=wished)
    assert conflict_of(none)["max_new_sites"].text.endswith("; 1 site would do, and no fewer")


def test_the_only_site_that_is_asked_for_is_told_what_stands_against_it():
    wished, dead = wishes(900.0, force=frozenset({"A"})), GridNode(id="G", hosting_kw=0.0)
    asked = study([point("a", 3)], [site("A", grid_node="G")], [{"A": 10}], grid=[dead], wishes=wished)
    # A slow plug takes 10 kW.
    assert conflict_of(asked)["force"].text == (
        "site A is asked for, but grid node G does not carry another plug: it carries 0 kW, and one plug takes 10 kW "
        "at least; 10 kW would do; it is left out"
    )
    assert conflict_of(asked)["force"].instead == Instead(grid_kw={"G": 10.0})
    # One plug of 10 kW stands at B, and A takes another: 25 kW carry no third one, 30 do.
    sites = [site("A", grid_node="G"), site("B", grid_node="G", plugs={"slow": 1}), site("C", grid_node="G")]
    weak = GridNode(id="G", hosting_kw=20.0, upgrade_kw=5.0)
    three = study([point("a", 3)], sites, [{"A": 10}], grid=[weak], wishes=wishes(900.0, force=frozenset("AC")))
    assert conflict_of(three)["force"].text.endswith(
        "it carries 25 kW once upgraded, and one plug takes 10 kW at least beside the 20 kW that are held there, other "
        "sites asked for included; 30 kW would do; it is left out"
    )
    assert conflict_of(three)["force"].instead == Instead(grid_kw={"G": 30.0})
    enough = replace(three, grid=(replace(weak, upgrade_kw=10.0),))
    assert "force" not in conflict_of(enough)
    # A hundredth of a degree is 1,111.9 m, rounded down where it is told: so much may be asked for.
    near, both = [site("A"), site("B", lon=0.01)], wishes(900.0, force=frozenset("AB"), spacing_m=1500.0)
    too_near = study([point("a", 3)], near, [{"A": 10}], wishes=both)
    assert conflict_of(too_near)["force"].text == (
        "site A is asked for, but it is nearer than 1,500 m to B (1,111 m), asked for as well; it is left out"
    )
    assert conflict_of(too_near)["force"].instead == Instead(spacing_m=1111)
    apart = replace(too_near, wishes=replace(both, spacing_m=1111.0))
    assert "force" not in conflict_of(apart)
    none = replace(asked, wishes=replace(wished, max_new_sites=0), grid=(replace(dead, hosting_kw=99.0),))
    assert conflict_of(none)["force"].text == "site A is asked for, but 0 new sites are allowed; it is left out"
    wished = wishes(900.0, force=frozenset("AB"), max_new_sites=1)
    two = study([point("a", 3)], [site("A"), site("B")], [{"A": 10}], wishes=wished)
    assert "1 new site is allowed, and others are asked for" in conflict_of(two)["force"].text


def test_a_forced_site_where_nothing_may_be_built_is_told_with_the_area():
    sites = [site("A", kinds=frozenset(), excluded="park"), site("B")]
    asked = study([point("a", 3)], sites, [{"A": 10, "B": 10}], wishes=wishes(900.0, force=frozenset({"A"})))
    told = conflict_of(asked)["force"]
    assert (told.ids, told.is_proven) == (("A",), True)
    assert told.text == (
        "site A is asked for, but it lies in the excluded area park, where nothing may be built unless that area "
        "leaves it out; it is left out"
    )


def test_a_grid_that_is_in_the_way_of_floors_is_told():
    asked = study(
        [point("a", 4, district="west"), point("b", 6, district="west")],
        [site("A", grid_node="G"), site("B", grid_node="G")],
        [{"A": 10}, {"B": 10}],
        grid=[GridNode(id="G", hosting_kw=SLOW.grid_kw), GridNode(id="far", hosting_kw=0.0)],
        districts=("west",),
        wishes=wishes(900.0, floor=0.9),
    )
    told = conflict_of(asked)
    assert (told["grid"].ids, told["grid"].asked, told["grid"].possible) == (("G",), SLOW.grid_kw, 2 * SLOW.grid_kw)
    assert told["grid"].text.endswith(
        "they would be kept if nodes carried more: G (20 instead of 10 kW); less would not"
    )
    strong = replace(asked, grid=(replace(asked.grid[0], hosting_kw=20.0), asked.grid[1]))
    assert not solve(strong, LIMITS).conflicts


@pytest.mark.parametrize(
    ("power_kw", "hosting_kw", "told"),
    [
        (6.6, 12.0, "13.2 instead of 12"),
        (6.61234, 12.0, "13.3 instead of 12"),
        (6.6, 13.18, "13.2 instead of 13.18"),
        (6.60001, 13.2, "13.3 instead of 13.2"),
        (1500.0, 2999.0, "3,000 instead of 2,999"),
    ],
)
def test_a_grid_node_that_carries_what_it_is_told_to_keeps_the_floor(power_kw, hosting_kw, told):
    asked = study(
        [point("a", 4, district="west"), point("b", 6, district="west")],
        [site("A", grid_node="G"), site("B", grid_node="G")],
        [{"A": 10}, {"B": 10}],
        kinds=[replace(SLOW, power_kw=power_kw), FAST],
        grid=[GridNode(id="G", hosting_kw=hosting_kw)],
        districts=("west",),
        wishes=wishes(900.0, floor=0.9),
    )
    assert f"G ({told} kW)" in conflict_of(asked)["grid"].text
    done = float(told.partition(" ")[0].replace(",", ""))
    assert not solve(replace(asked, grid=(GridNode(id="G", hosting_kw=done),)), LIMITS).conflicts


def is_kept(asked, *, money, sites):
    """Whether some plan keeps all floors that are within reach, within other limits."""
    floors = {item.ids[0]: item.possible for item in possible_wishes(asked, groups_of(asked)).conflicts}
    other = replace(
        asked, wishes=replace(asked.wishes, phases=wishes(money).phases, max_new_sites=sites, floors=floors)
    )
    return solve_exactly(other, groups_of(other), seconds=60.0, is_any_enough=True) is not None


@pytest.mark.parametrize("seed", [3, 6, 11, 14, 19, 20, 22, 25, 29, 37, 39])
def test_the_money_that_would_do_does_and_is_the_least(seed):
    asked = random_study(seed, floor=0.9)
    told = conflict_of(asked)["budget"].possible
    assert is_kept(asked, money=told, sites=asked.wishes.max_new_sites)
    assert not is_kept(asked, money=told - 1, sites=asked.wishes.max_new_sites)


def test_the_new_sites_that_would_do_do_and_are_the_fewest():
    asked = random_study(28, floor=0.9)
    assert conflict_of(asked)["max_new_sites"].text.endswith("; 3 sites would do, and no fewer")
    assert is_kept(asked, money=120.0, sites=3)
    assert not is_kept(asked, money=120.0, sites=2)


def test_where_more_of_both_is_needed_it_is_the_fewest_new_sites_and_then_the_least_money():
    asked = random_study(34, floor=0.9)
    assert conflict_of(asked)["max_new_sites"].text.endswith("; 3 sites and 310 would do, and no less")
    assert is_kept(asked, money=310.0, sites=3)
    assert not is_kept(asked, money=309.0, sites=3)
    assert not is_kept(asked, money=None, sites=2)


def test_what_would_do_for_least_money_is_found_once_and_before_floors_give_way(monkeypatch):
    asked, order = two_sites_for_a_floor(219.0), []
    for module, name in ((nearest, "least_exactly"), (evenly, "even_exactly")):
        real = getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda *args, real=real, name=name, **kw: order.append(name) or real(*args, **kw)
        )
    assert conflict_of(asked)["budget"].possible == 220
    assert order[0] == "least_exactly"
    assert order.count("least_exactly") == 1


@pytest.mark.parametrize("money", [220.0, 500.0])
def test_floors_are_kept_by_the_plan_for_least_money_where_no_search_keeps_them(monkeypatch, money):
    asked = two_sites_for_a_floor(money)
    monkeypatch.setattr(keeping, "plans_at_once", lambda *_: [((), ())])
    monkeypatch.setattr(beginning, "plans_at_once", lambda *_: [((), ())])
    monkeypatch.setattr(keeping, "_search_floors", lambda problem, groups, start, *_, **__: start)
    monkeypatch.setattr(keeping, "solve_exactly", lambda *_, **__: None)
    assert not solve(asked, LIMITS).conflicts


def test_the_least_money_goes_the_same_way_whatever_there_is_and_ends_within_it():
    poor = two_sites_for_a_floor(110.0)
    rich = with_money(poor, None)
    least = least_exactly(rich, groups_of(rich), Aim.MONEY, seconds=60.0)
    assert (keeping.cost(rich, least.built), least.is_proven) == (220.0, True)
    for enough in (220.0, 300.0):
        soon = least_exactly(rich, groups_of(rich), Aim.MONEY, seconds=60.0, enough=enough)
        assert keeping.cost(rich, soon.built) <= enough
    never = replace(rich, wishes=replace(rich.wishes, max_new_sites=1))
    assert least_exactly(never, groups_of(never), Aim.MONEY, seconds=60.0).bound == math.inf


def test_more_sites_are_not_told_where_more_money_was_not_looked_for_to_the_end(monkeypatch):
    # As where the programme for the least money has found nothing in time; 2 sites would do for 220.
    asked = replace(two_sites_for_a_floor(120.0), wishes=wishes(120.0, floor=0.9, max_new_sites=2))
    open_ = Least(built=None, bound=0.0, is_proven=False)
    real = nearest.least_exactly
    monkeypatch.setattr(
        nearest, "least_exactly", lambda *args, **kw: open_ if args[2] is Aim.MONEY else real(*args, **kw)
    )
    told = conflict_of(asked)
    assert "max_new_sites" not in told
    assert told["budget"].possible == 220
    # With one site at most no money would do: that is settled, and told with more of both.
    one = replace(asked, wishes=wishes(120.0, floor=0.9, max_new_sites=1))
    monkeypatch.setattr(nearest, "least_exactly", real)
    assert conflict_of(one)["max_new_sites"].text.endswith("; 2 sites and 220 would do, and no less")


def two_sites_for_a_floor(money):
    """A serves four and B six of the ten people of the west; each takes 110."""
    return study(
        [point("a", 4, district="west"), point("b", 6, district="west")],
        [site("A"), site("B")],
        [{"A": 10}, {"B": 10}],
        districts=("west",),
        wishes=wishes(money, floor=0.9),
    )


def test_no_other_aim_is_tried_once_the_time_for_it_is_up(monkeypatch):
    asked = study(
        [point("a", 4, district="west"), point("b", 6, district="west")],
        [site("A"), site("B")],
        [{"A": 10}, {"B": 10}],
        districts=("west",),
        wishes=wishes(120.0, floors={"west": 0.9}),
    )
    groups = groups_of(asked)
    late = keeping.Looking(seed=1, over=lambda: lambda: 1.0, seconds=60.0, gone=lambda: 1.0)
    monkeypatch.setattr(nearest, "least_exactly", lambda *_, **__: pytest.fail("an integer programme was begun"))
    told, plan = nearest.nearest(asked, groups, late, late)
    assert [item.text for item in told] == ["no plan within 120 keeps the floors asked for; 220 would do, less may"]
    assert plan == enough_at_once(asked, groups).plan


def test_a_stronger_grid_is_told_with_what_else_it_takes():
    asked = study(
        [point("a", 4, district="west"), point("b", 6, district="west")],
        [site("A", grid_node="G"), site("B", grid_node="G")],
        [{"A": 10}, {"B": 10}],
        grid=[GridNode(id="G", hosting_kw=SLOW.grid_kw)],
        districts=("west",),
        wishes=wishes(110.0, max_new_sites=1, floor=0.9),
    )
    told = conflict_of(asked)["grid"]
    more = "G (20 instead of 10 kW), with 2 new sites instead of 1 and a budget of 220 instead of 110; less would not"
    assert told.text.endswith(more)
    assert told.instead == Instead(budget=220, max_new_sites=2, grid_kw={"G": 20.0})
    strong = replace(asked, grid=(replace(asked.grid[0], hosting_kw=20.0),))
    assert solve(strong, LIMITS).conflicts
    assert not solve(replace(strong, wishes=wishes(220.0, max_new_sites=2, floor=0.9)), LIMITS).conflicts


def test_a_stronger_grid_is_told_with_the_upgrades_of_other_nodes_paid_for():
    # A's plug needs the upgrade of G for 30, B's one that its node cannot have: 2 x 110 and 30.
    asked = study(
        [point("a", 4, district="west"), point("b", 6, district="west")],
        [site("A", grid_node="G"), site("B", grid_node="H")],
        [{"A": 10}, {"B": 10}],
        grid=[GridNode(id="G", hosting_kw=5.0, upgrade_kw=20.0, upgrade_cost=30.0), GridNode(id="H", hosting_kw=5.0)],
        districts=("west",),
        wishes=wishes(240.0, floor=0.9),
    )
    text = conflict_of(asked)["grid"].text
    assert text.endswith("H (10 instead of 5 kW), with a budget of 250 instead of 240; less would not")
    strong = replace(asked, grid=(asked.grid[0], replace(asked.grid[1], hosting_kw=10.0)))
    assert solve(strong, LIMITS).conflicts
    assert not solve(replace(strong, wishes=wishes(250.0, floor=0.9)), LIMITS).conflicts


def weak_node(budget, node):
    """A plug of 10 kW for 10, or one of 6 kW for 15, at the only site, which takes 100 to open."""
    spare = replace(SLOW, id="spare", power_kw=6.0, plug_cost=15.0)
    return study(
        [point("a", 5, district="west")],
        [site("A", grid_node=node.id, kinds=frozenset({"slow", "spare"}), plugs={"old": 1})],
        [{"A": 10}],
        segments=(replace(PEOPLE, kinds=frozenset({"slow", "spare"})),),
        kinds=(SLOW, spare, replace(SLOW, id="old", power_kw=4.0)),
        grid=[node, GridNode(id="full", hosting_kw=1.0)],
        districts=("west",),
        wishes=wishes(budget, floor=0.9),
    )


def test_a_grid_node_is_told_with_as_little_as_can_be():
    # 4 kW are held for what stands.
    told = conflict_of(weak_node(115.0, GridNode(id="G", hosting_kw=5.0)))["grid"]
    assert (told.ids, told.possible, told.is_proven, told.instead.grid_kw) == (("G",), 10.0, True, {"G": 10.0})
    assert not solve(weak_node(115.0, GridNode(id="G", hosting_kw=10.0)), LIMITS).conflicts
    assert conflict_of(weak_node(115.0, GridNode(id="G", hosting_kw=9.9)))["grid"].instead.grid_kw == {"G": 10.0}
    # Within 110 only the plug of 10 kW is paid for.
    assert conflict_of(weak_node(110.0, GridNode(id="G", hosting_kw=5.0)))["grid"].instead.grid_kw == {"G": 14.0}


def test_a_grid_node_that_can_be_upgraded_is_told_with_that_paid_for():
    # Upgraded for 30 it carries 8 kW, and all that goes beyond is beside that.
    node = GridNode(id="G", hosting_kw=5.0, upgrade_kw=3.0, upgrade_cost=30.0)
    told = conflict_of(weak_node(115.0, node))["grid"]
    # 100 + 10 + 30 is the least money with which a stronger node would do.
    assert told.instead == Instead(budget=140, grid_kw={"G": 14.0})
    assert not solve(weak_node(140.0, replace(node, hosting_kw=11.0)), LIMITS).conflicts


@pytest.mark.parametrize("seed", range(30))
def test_money_that_would_do_does(seed):
    asked = random_study(seed, phases=2, floor=0.6)
    asked = replace(asked, wishes=replace(asked.wishes, max_new_sites=None, phases=wishes(20.0, 20.0).phases))
    told = conflict_of(asked).get("budget")
    if told is None or told.ids[0] not in {item.id for item in asked.districts}:
        # Floors are kept, or one of them contradicts something else than money: then any money leaves it broken.
        rich = replace(asked, wishes=replace(asked.wishes, phases=wishes(1e9, 1e9).phases))
        poor = {item.ids for item in solve(asked, SEARCHED).conflicts if item.rule == "floor"}
        assert not poor or {item.ids for item in solve(rich, SEARCHED).conflicts if item.rule == "floor"}
        return
    enough = replace(asked, wishes=replace(asked.wishes, phases=wishes(told.possible).phases))
    result = solve(enough, SEARCHED)
    in_reach = {item.ids for item in possible_wishes(enough, groups_of(enough)).conflicts}
    never = in_reach | {ids for _, ids in beyond_all(result.conflicts)}
    assert {item.ids for item in result.conflicts if item.rule == "floor"} <= never
    assert "budget" not in {item.rule for item in result.conflicts}
