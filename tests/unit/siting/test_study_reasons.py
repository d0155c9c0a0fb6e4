"""Why wishes gave way: what is proven is told as such, and what was only not found says that more time may find it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimiser.siting import exact, nearest
from optimiser.siting.conflicts import floors_of_plan
from optimiser.siting.exact import is_impossible
from optimiser.siting.groups import groups_of
from optimiser.siting.lowered import Ending, LoweredFloor
from optimiser.siting.plan import SitingPlan
from optimiser.siting.problem import GridNode
from optimiser.siting.solve import solve
from tests.siting_studies import FAST, SLOW, point, site, study, wishes
from tests.unit.siting.conflicts import LIMITS, conflict_of


def two_halves(**given):
    """A serves four and B six of the ten people of the west, at a grid node; each takes 110."""
    nodes = given.pop("grid", [GridNode(id="G", hosting_kw=4 * SLOW.grid_kw)])
    return study(
        [point("a", 4, district="west"), point("b", 6, district="west")],
        [site("A", grid_node="G"), site("B", grid_node="G")],
        [{"A": 10}, {"B": 10}],
        grid=nodes,
        districts=("west",),
        wishes=wishes(given.pop("budget", None), floor=0.9, **given),
    )


@pytest.fixture
def large(monkeypatch):
    """As for a study that is too large for the integer programme."""
    monkeypatch.setattr(exact, "MOST_ENTRIES", 0)
    monkeypatch.setattr(exact, "MOST_IN_TIME", 0)


WEAK = [GridNode(id="G", hosting_kw=SLOW.grid_kw)]
FLOOR = "90.0% of district west are to be served, within the limits 60.0% were reached"
PROVEN = {
    "budget": (
        two_halves(budget=120.0),
        {
            "floor": f"{FLOOR}; no plan within the limits keeps all floors",
            "budget": "no plan within 120 keeps the floors asked for; 220 would do, and no less",
        },
    ),
    "sites": (
        two_halves(budget=300.0, max_new_sites=1),
        {
            "floor": f"{FLOOR}; no plan within the limits keeps all floors",
            "max_new_sites": "no plan of at most 1 new site within 300 keeps the floors asked for; "
            "2 sites would do, and no fewer",
        },
    ),
    "grid": (
        two_halves(budget=300.0, grid=WEAK),
        {
            "floor": f"{FLOOR}; no plan keeps all floors, whatever money and number of sites there are",
            "grid": "the grid is in the way of the floors asked for; they would be kept if nodes carried more: "
            "G (20 instead of 10 kW); less would not",
        },
    ),
}
OPEN = {
    "budget": {
        "floor": f"{FLOOR} in the time there was; more seconds may reach more",
        "budget": "no plan within 120 was found in the time there was that keeps the floors asked for; "
        "220 would do, less may, and more seconds may do as well",
    },
    "sites": {
        "floor": f"{FLOOR} in the time there was; more seconds may reach more",
        "max_new_sites": "no plan of at most 1 new site within 300 was found in the time there was that keeps the "
        "floors asked for; 2 sites would do, fewer may, and more seconds may do as well",
    },
    "grid": {
        "floor": f"{FLOOR} in the time there was, and no money or number of sites was found that would do; "
        "more seconds may find it",
        "grid": "with nodes that carry more a plan was found that keeps the floors asked for: G (20 instead of 10 kW); "
        "less may do, and more seconds may find one without",
    },
}


@pytest.mark.parametrize("limit", PROVEN)
def test_what_the_integer_programme_settles_is_told_as_proven(limit):
    asked, told = PROVEN[limit]
    conflicts = conflict_of(asked)
    assert {rule: item.text for rule, item in conflicts.items()} == told
    assert all(item.is_impossible for item in conflicts.values())
    # No less money, no fewer sites and no less of the grid do; more of one floor beside another might.
    assert {rule for rule, item in conflicts.items() if item.is_proven} == told.keys() - {"floor"}


@pytest.mark.parametrize("limit", PROVEN)
def test_what_was_only_not_found_says_so_and_that_more_seconds_may(large, limit):
    conflicts = conflict_of(PROVEN[limit][0])
    assert {rule: item.text for rule, item in conflicts.items()} == OPEN[limit]
    assert not any(item.is_proven or item.is_impossible for item in conflicts.values())


def test_a_floor_that_can_just_be_kept_is_not_proven_impossible():
    # B alone serves six in ten.
    just = two_halves(budget=120.0)
    for floor, is_told in ((0.6, False), (0.6 + 1e-4, True)):
        asked = replace(just, wishes=replace(just.wishes, floor=floor))
        assert is_impossible(asked, groups_of(asked), seconds=60.0) == is_told


def test_too_large_a_study_is_never_proven_impossible(large):
    asked = two_halves(budget=0.0)
    assert not is_impossible(asked, groups_of(asked), seconds=60.0)


def out_of_reach(budget):
    """A serves four of ten and nobody else has a site within reach; another three are served for 210."""
    return study(
        [point("a", 4, district="west"), point("b", 3, district="west"), point("c", 3, district="west")],
        [site("A"), site("B", cost=200.0)],
        [{"A": 10}, {"B": 10}, {}],
        districts=("west",),
        wishes=wishes(budget, floor=0.9),
    )


def test_a_floor_beyond_reach_and_missed_within_the_limits_as_well_is_told_once():
    (told,) = (item for item in solve(out_of_reach(120.0), LIMITS).conflicts if item.rule == "floor")
    # 70 % have a site within reach, 40 % are served for 110.
    assert told.text == (
        "90.0% of district west are to be served, 70.0% have a site within reach, and within the limits 40.0% were "
        "reached; no plan within the limits keeps all floors"
    )
    assert (told.asked, told.possible, told.is_proven, told.is_impossible) == (0.9, 0.4, False, True)
    # 110 for A and 210 for B serve all who have a site within reach, which is no 90 %.
    (money,) = (item for item in solve(out_of_reach(120.0), LIMITS).conflicts if item.rule == "budget")
    assert money.text == (
        "no plan within 120 keeps the floors asked for; 320 would do, and no less; in district west for as many as "
        "have a site within reach"
    )
    rich = solve(out_of_reach(400.0), LIMITS).conflicts
    assert [item.text for item in rich] == ["90.0% of district west are to be served, 70.0% have a site within reach"]


def test_what_is_within_reach_and_what_was_reached_are_told_apart_by_their_digits():
    people = [point("a", 4.21, district="west"), point("b", 0.08, district="west"), point("c", 95.71, district="west")]
    asked = study(
        people,
        [site("A"), site("B", cost=500.0)],
        [{"A": 10}, {"B": 10}, {}],
        districts=("west",),
        wishes=wishes(120.0),
    )
    asked = replace(asked, wishes=replace(asked.wishes, floor=0.15))
    (told,) = (item for item in solve(asked, LIMITS).conflicts if item.rule == "floor")
    assert told.text.startswith(
        "15.00% of district west are to be served, 4.29% have a site within reach, and within the limits 4.21% were"
    )


def test_of_a_floor_that_gave_way_twice_the_first_wish_and_the_last_share_are_told():
    asked = out_of_reach(120.0)
    known = {"rule": "floor", "ids": ("west",), "is_proven": False, "is_impossible": False}
    conflicts = tuple(
        LoweredFloor(asked=share, possible=possible, text="told", ending=Ending.OPEN, **known)
        for share, possible in ((0.9, 0.4), (0.4, 0.0))
    )
    kept = floors_of_plan(asked, conflicts, SitingPlan())
    (told,) = kept.conflicts
    assert (told.asked, told.possible) == (0.9, 0.0)
    assert told.text.startswith("90.0% of district west are to be served, within the limits 0.0% were reached in the")


def test_forced_sites_that_no_order_pays_for_are_proven_not_to_be_had_together():
    asked = two_halves(budget=120.0, force=frozenset({"A", "B"}))
    told = {
        item.rule: item for item in solve(replace(asked, wishes=replace(asked.wishes, floor=0.0)), LIMITS).conflicts
    }
    # 110 each of 120.
    assert (told["force"].ids, told["force"].is_impossible, told["budget"].is_impossible) == (("B",), True, True)
    # An upgrade that both share is paid for once.
    node = GridNode(id="G", hosting_kw=0.0, upgrade_kw=100.0, upgrade_cost=50.0)
    for money, rules in ((269.0, {"force", "budget"}), (270.0, set())):
        shared = replace(asked, grid=(node,), wishes=replace(asked.wishes, floor=0.0, phases=wishes(money).phases))
        told = solve(shared, LIMITS).conflicts
        assert {item.rule for item in told} == rules
        assert all(item.is_proven and item.is_impossible for item in told)


def test_a_forced_site_that_may_draw_too_little_is_told_so_and_not_that_the_grid_is_full():
    asked = two_halves(budget=900.0, force=frozenset({"A"}))
    weak = replace(asked, sites=(replace(asked.sites[0], max_kw=5.0), asked.sites[1]))
    (told,) = (item for item in solve(weak, LIMITS).conflicts if item.rule == "force")
    assert told.text == (
        "site A is asked for, but it may draw 5 kW (max_kw), and one plug takes 10 at least; it is left out"
    )
    stands = replace(asked, sites=(replace(asked.sites[0], max_kw=12.0, plugs={"slow": 1}), asked.sites[1]))
    (told,) = (item for item in solve(stands, LIMITS).conflicts if item.rule == "force")
    assert "may draw 12 kW (max_kw), and one plug takes 10 at least beside the 10 kW that stand there" in told.text


def test_a_floor_that_bans_leave_nobody_in_reach_of_names_them():
    asked = two_halves(ban=frozenset({"B"}))
    (told,) = (item for item in solve(asked, LIMITS).conflicts if item.rule == "floor")
    assert told.text == (
        "90.0% of district west are to be served, 40.0% have a site within reach that is not banned "
        "(100.0% would if B were not)"
    )
    both = two_halves(budget=100.0, ban=frozenset({"B"}))
    (told,) = (item for item in solve(both, LIMITS).conflicts if item.rule == "floor")
    assert "that is not banned (100.0% would if B were not), and within the limits 0.0% were reached" in told.text
    # What may draw too little for a plug is in nobody's reach, banned or not.
    weak = replace(asked, sites=(asked.sites[0], replace(asked.sites[1], max_kw=5.0)))
    (told,) = (item for item in solve(weak, LIMITS).conflicts if item.rule == "floor")
    may_come = "have a site within reach where a charger for them may come"
    assert told.text == f"90.0% of district west are to be served, 40.0% {may_come}"


def test_a_site_of_no_kind_that_serves_who_is_near_is_in_nobodys_reach():
    # B is for fast chargers alone, which serve drivers and not people; one that stands there serves no more of them.
    other = {"kinds": frozenset({"fast"}), "plugs": {"fast": 1}}
    asked = two_halves(grid=[GridNode(id="G", hosting_kw=200.0)])
    asked = replace(asked, sites=(asked.sites[0], replace(asked.sites[1], **other)))
    told = conflict_of(asked)["floor"]
    assert (told.is_proven, told.possible) == (True, pytest.approx(0.4, abs=1e-5))
    may_come = "have a site within reach where a charger for them may come"
    assert told.text == f"90.0% of district west are to be served, 40.0% {may_come}"
    told = conflict_of(replace(asked, wishes=replace(asked.wishes, ban=frozenset({"A"}))))["floor"]
    assert told.text == (
        f"90.0% of district west are to be served, 0.0% {may_come} and that is not banned (40.0% would if A were not)"
    )


def test_of_many_banned_sites_ten_are_named():
    ids = [f"S{number:02}" for number in range(13)]
    asked = study(
        [point("a", 4, district="west")],
        [site(id_) for id_ in ids],
        [dict.fromkeys(ids, 10)],
        districts=("west",),
        wishes=wishes(None, floor=0.9, ban=frozenset(ids)),
    )
    (told,) = (item for item in solve(asked, LIMITS).conflicts if item.rule == "floor")
    assert "S08, S09 and 3 more were not)" in told.text


def test_a_floor_for_which_only_plugs_are_too_few_names_the_banned_sites_that_would_have_some():
    # One plug at A serves a share of the four; B stands for what may be built, and is banned.
    asked = study(
        [point("a", 40, segment="drivers", district="west")],
        [site("A", plugs={"slow": 1}, max_plugs=1), site("B"), site("far")],
        [{"A": 10, "B": 20}],
        districts=("west",),
        wishes=wishes(None, floor=0.9, ban=frozenset({"B", "far"})),
    )
    (told,) = (item for item in solve(asked, LIMITS).conflicts if item.rule == "floor")
    assert told.text.endswith("; within its reach B is banned")
    # Where a charger stands that may not be extended, too.
    wider = replace(asked, sites=(replace(asked.sites[0], max_plugs=2), *asked.sites[1:]))
    (told,) = solve(replace(wider, wishes=replace(asked.wishes, ban=frozenset({"A", "B"}))), LIMITS).conflicts
    assert told.text.endswith("; within its reach A, B are banned")
    # Without the ban it is not named, and of what is in nobody's reach no ban is.
    for free in (replace(asked.wishes, ban=frozenset({"far"})), replace(asked.wishes, ban=frozenset())):
        for item in solve(replace(asked, wishes=free), LIMITS).conflicts:
            assert "banned" not in item.text


def test_where_only_sites_that_are_asked_for_keep_floors_from_being_kept_it_says_so():
    # The node carries one plug: of B it serves six of ten, of A four.
    half = two_halves(grid=WEAK, force=frozenset("A"))
    half = replace(half, wishes=replace(half.wishes, floor=0.5))
    told = conflict_of(half)["floor"].text
    text = "; no plan that has the sites asked for keeps all floors, whatever money and number of sites there are"
    assert told == f"50.0% of district west are to be served, within the limits 40.0% were reached{text}"
    assert conflict_of(replace(half, wishes=replace(half.wishes, force=frozenset("B")))) == {}
    # Where nothing keeps them either way, it is not about sites.
    text = "; no plan keeps all floors, whatever money and number of sites there are"
    assert conflict_of(replace(half, wishes=replace(half.wishes, floor=0.9)))["floor"].text.endswith(text)


def test_where_what_would_do_was_not_looked_for_to_the_end_it_says_so(monkeypatch):
    asked = two_halves(budget=300.0, grid=WEAK)
    text = "no plan keeps all floors, whatever money and number of sites there are"
    open_ = "; what else would do was not looked for to the end in the time there was, and more seconds may find it"
    # As where there was no time for any of it.
    monkeypatch.setattr(nearest, "AIMED_SHARE", 0.0)
    monkeypatch.setattr(nearest, "enough_at_once", lambda *_: None)
    monkeypatch.setattr(nearest, "LEAST_SHARE", 0.0)
    assert {rule: item.text for rule, item in conflict_of(asked).items()} == {"floor": f"{FLOOR}; {text}{open_}"}


def test_where_nothing_at_all_would_do_that_is_all_that_is_told():
    # A plug of each kind serves some of the drivers, and more may not come there, though the grid would carry them.
    kinds = [replace(kind, max_plugs=1) for kind in (SLOW, FAST)]
    asked = study(
        [point("a", 6000, segment="drivers", district="west")],
        [site("A", grid_node="G"), site("B", lon=0.01)],
        [{"A": 10}],
        kinds=kinds,
        grid=[GridNode(id="G", hosting_kw=SLOW.grid_kw + FAST.grid_kw)],
        districts=("west",),
        wishes=wishes(300.0, floor=0.9, spacing_m=500.0),
    )
    told = conflict_of(asked)
    assert told.keys() == {"floor"}
    assert told["floor"].text.endswith("can be at most, whatever money, sites and grid there are")
