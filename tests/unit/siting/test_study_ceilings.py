"""A floor that no plan keeps even by itself is told with the most of it, and hides what would do for the others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimiser.siting import ceilings
from optimiser.siting.keeping import with_money, with_sites
from optimiser.siting.problem import District, GridNode
from optimiser.siting.solve import solve
from tests.siting_studies import SLOW, point, site, study, wishes
from tests.unit.siting.conflicts import LIMITS

WEST = SLOW.sessions_per_hour(1) / 0.1 / 10
"""Of ten drivers with 0.1 sessions each at the peak, the share that the only plug in their reach serves: 11.55 %."""


def one_district_beyond_all(budget=None, **given):
    """In the west one plug may come, for ten drivers; in the other districts a site each serves everybody."""
    ids = ("west", "south", "east")
    return study(
        [
            point("w", 10, segment="drivers", district="west"),
            point("s", 1, district="south"),
            point("e", 1, district="east"),
        ],
        [site("W", max_plugs=1, kinds=frozenset({"slow"})), site("S"), site("E")],
        [{"W": 10}, {"S": 10}, {"E": 10}],
        districts=ids,
        wishes=wishes(budget, floor=0.9, **given),
    )


def told_of(asked):
    conflicts = solve(asked, LIMITS).conflicts
    return {item.ids[0] if item.rule == "floor" else item.rule: item for item in conflicts}


@pytest.mark.parametrize(
    ("budget", "given", "rule", "enough"),
    [(None, {"max_new_sites": 1}, "max_new_sites", 3), (120.0, {}, "budget", 330)],
)
def test_what_would_do_for_the_others_is_told_beside_a_floor_beyond_all(budget, given, rule, enough):
    asked = one_district_beyond_all(budget, **given)
    told = told_of(asked)
    assert (told[rule].possible, told[rule].is_proven, told[rule].is_impossible) == (enough, True, True)
    assert told[rule].text.endswith("; then 11.5% of district west is served")
    ceiling = "11.5% can be at most, whatever money, sites and grid there are"
    assert ceiling in told["west"].text
    assert not any(ceiling in told[id_].text for id_ in ("south", "east") if id_ in told)
    again = with_sites(asked, enough) if rule == "max_new_sites" else with_money(asked, enough)
    (west,) = solve(again, LIMITS).conflicts
    assert (west.ids, west.is_proven, west.is_impossible) == (("west",), True, True)
    assert west.possible == pytest.approx(WEST, abs=1e-5)
    assert west.text == f"90.0% of district west are to be served, {ceiling}"


def test_a_floor_beyond_all_is_not_named_where_it_can_be_kept_with_a_stronger_grid():
    asked = one_district_beyond_all(120.0)
    sites = (replace(asked.sites[0], max_plugs=4, grid_node="G"), *asked.sites[1:])
    grid = (GridNode(id="G", hosting_kw=SLOW.grid_kw),)
    plugs = next(count for count in range(1, 5) if SLOW.sessions_per_hour(count) >= 0.9)
    told = told_of(replace(asked, sites=sites, grid=grid))
    assert told["grid"].instead.grid_kw == {"G": plugs * SLOW.grid_kw}
    assert "at most" not in told["west"].text


def test_as_much_of_a_floor_beyond_all_is_kept_as_leaves_the_others_whole():
    # One plug for both: the west alone could have all of it, and has what the floor of the east leaves.
    both = study(
        [point("w", 10, segment="drivers", district="west"), point("e", 10, segment="drivers", district="east")],
        [site("W", max_plugs=1, kinds=frozenset({"slow"}))],
        [{"W": 10}, {"W": 10}],
        districts=("west", "east"),
        wishes=wishes(0.0, floors={"west": 0.9, "east": WEST / 4}),
    )
    told = told_of(both)
    assert (told["budget"].possible, told["budget"].is_proven) == (110, True)
    again = told_of(with_money(both, 110))
    assert again.keys() == {"west"}
    assert again["west"].possible == pytest.approx(0.75 * WEST, abs=2e-5)
    assert solve(with_money(both, 110), LIMITS).wishes.floors["west"] == pytest.approx(0.75 * WEST, abs=2e-5)
    assert "can be at most" in again["west"].text
    assert again["west"].text.endswith(
        "were reached; no plan keeps all floors, whatever money and number of sites there are"
    )


def two_districts_beyond_all():
    """
    Two plugs may come to the west, too near each other for both, one far away to the east, and one to the south.

    So the west has half of what it could have alone, and the east all that it could.
    """
    return study(
        [
            *(point(id_[0], 10, segment="drivers", district=id_) for id_ in ("west", "east")),
            point("s", 1, district="south"),
        ],
        [
            site(id_, lon=lon, max_plugs=1, kinds=frozenset({"slow"}))
            for id_, lon in (("V", 0.0), ("W", 0.0001), ("E", 1.0), ("S", 2.0))
        ],
        [{"V": 10, "W": 10}, {"E": 10}, {"S": 10}],
        districts=("west", "east", "south"),
        wishes=wishes(None, floors={"west": 0.9, "east": 0.9, "south": 0.5}, spacing_m=100.0),
    )


def test_floors_kept_are_those_that_the_plan_keeps_of_what_nothing_keeps():
    found = solve(two_districts_beyond_all(), LIMITS)
    assert {item.ids[0]: item.possible for item in found.conflicts if item.rule == "floor"} == {
        "west": pytest.approx(WEST, abs=2e-5),
        "east": pytest.approx(WEST, abs=2e-5),
    }
    kept = {id_: found.wishes.floors[id_] for id_ in ("west", "east")}
    assert kept == {"west": pytest.approx(WEST, abs=2e-5), "east": pytest.approx(WEST, abs=2e-5)}


def test_a_district_without_anybody_changes_nothing_of_how_floors_give_way():
    asked = two_districts_beyond_all()
    wish = replace(asked.wishes, floors={"west": 0.9, "east": 0.9})
    asked = replace(asked, wishes=wish)
    floors = {**wish.floors, "north": 0.9}
    empty = replace(
        asked,
        districts=(*asked.districts, District(id="north", name="north")),
        wishes=replace(wish, floors=floors),
    )
    assert solve(asked, LIMITS).conflicts == solve(empty, LIMITS).conflicts


def test_what_was_not_settled_is_not_told_as_the_most(monkeypatch):
    real = ceilings.even_exactly

    def unsettled(*args, **given):
        even = real(*args, **given)
        return None if even is None else replace(even, bound=0.9)

    monkeypatch.setattr(ceilings, "even_exactly", unsettled)
    told = told_of(one_district_beyond_all(120.0))
    assert "budget" not in told
    assert "at most" not in told["west"].text
