"""What the grid, the distance or more sites would do for floors that no plan keeps even by themselves."""

from __future__ import annotations

import pytest

from optimiser.siting.keeping import with_sites
from optimiser.siting.problem import GridNode
from optimiser.siting.solve import solve
from tests.siting_studies import SLOW, point, site, study, wishes
from tests.unit.siting.conflicts import LIMITS

PLUG = SLOW.sessions_per_hour(1) / 0.1 / 10
"""Of ten drivers with 0.1 sessions each at the peak, the share that one plug by itself serves: 11.55 %."""
TWO = 2 * PLUG
BELOW = 1e-5
"""What is asked for below the most of a floor, so that a plan keeps it."""


def told_of(asked):
    conflicts = solve(asked, LIMITS).conflicts
    return {item.ids[0] if item.rule == "floor" else item.rule: item for item in conflicts}


def two_sites_for(floors, *, grid=(), spacing_m=0.0, node=None):
    """Two plugs may come to the west, at sites 11 m apart; in the east there is one, at the same grid node."""
    return study(
        [point(id_[0], 10, segment="drivers", district=id_) for id_ in ("west", "east")],
        [
            site(id_, lon=lon, max_plugs=1, kinds=frozenset({"slow"}), grid_node=node)
            for id_, lon in (("V", 0.0), ("W", 0.0001), ("E", 1.0))
        ],
        [{"V": 10, "W": 10}, {"E": 10}],
        grid=grid,
        districts=("west", "east"),
        wishes=wishes(None, floors=floors, spacing_m=spacing_m),
    )


def at_a_weak_node(floors, *, plugs):
    grid = (GridNode(id="G", hosting_kw=plugs * SLOW.grid_kw),)
    return two_sites_for(floors, grid=grid, node="G")


@pytest.mark.parametrize("floor", [TWO - BELOW, 0.9])
def test_a_floor_above_the_most_of_it_is_told_the_grid_as_one_at_the_most_is(floor):
    told = told_of(at_a_weak_node({"west": floor}, plugs=1))
    assert told["grid"].instead.grid_kw == {"G": 2 * SLOW.grid_kw}
    assert (told["grid"].is_proven, told["grid"].is_impossible) == (True, True)
    assert ("23.1% can be at most" in told["west"].text) == (floor == 0.9)
    assert told["grid"].text.endswith("less would not" + "; then 23.1% of district west is served" * (floor == 0.9))


@pytest.mark.parametrize("floor", [TWO - BELOW, 0.9])
def test_a_floor_above_the_most_of_it_is_told_the_distance_as_one_at_the_most_is(floor):
    told = told_of(two_sites_for({"west": floor}, spacing_m=500.0))
    assert (told["spacing"].instead.spacing_m, told["spacing"].is_proven) == (11, True)
    assert told["spacing"].text.endswith("more would not" + "; then 23.1% of district west is served" * (floor == 0.9))


def test_a_floor_above_the_most_of_it_hides_no_grid_that_others_lack():
    # No plug at all: the east cannot be kept whole beside anything of the west.
    told = told_of(at_a_weak_node({"west": 0.9, "east": PLUG - BELOW}, plugs=0))
    assert told["grid"].instead.grid_kw == {"G": 3 * SLOW.grid_kw}
    assert told["grid"].text.endswith("; then 23.1% of district west is served")


def test_nothing_is_told_of_a_grid_that_is_not_in_the_way():
    told = told_of(at_a_weak_node({"west": 0.9}, plugs=3))
    assert told.keys() == {"west"}
    assert told["west"].possible == pytest.approx(TWO, abs=BELOW)


def one_plug_for_two(**given):
    """Each of two districts could have the only plug; together they have half of it each."""
    return study(
        [point(id_[0], 10, segment="drivers", district=id_) for id_ in ("west", "east")],
        [site("A", max_plugs=1, kinds=frozenset({"slow"}))],
        [{"A": 10}, {"A": 10}],
        districts=("west", "east"),
        wishes=wishes(None, floors={"west": 0.9, "east": 0.8}, **given),
    )


def test_floors_that_do_not_fit_together_at_their_most_are_told_what_would_do_for_a_common_share():
    asked = one_plug_for_two(max_new_sites=0)
    told = told_of(asked)
    assert (told["max_new_sites"].possible, told["max_new_sites"].is_proven) == (1, True)
    assert "; then 5.7% of district west, 5.7% of district east are served" in told["max_new_sites"].text
    again = told_of(with_sites(asked, 1))
    assert again.keys() == {"west", "east"}
    for id_ in ("west", "east"):
        assert "11.5% can be at most" in again[id_].text
        assert again[id_].possible == pytest.approx(PLUG / 2, abs=2 * BELOW)


def test_floors_give_way_evenly_of_the_most_that_can_be_of_them():
    # One plug stands for both, and the grid carries no other: with any, the west could have three, the east two.
    asked = study(
        [point(id_[0], 10, segment="drivers", district=id_) for id_ in ("west", "east")],
        [
            site("M", plugs={"slow": 1}, max_plugs=1, kinds=frozenset({"slow"})),
            *(site(id_, max_plugs=1, kinds=frozenset({"slow"}), grid_node="G") for id_ in "VWE"),
        ],
        [{"M": 10, "V": 10, "W": 10}, {"M": 10, "E": 10}],
        grid=(GridNode(id="G", hosting_kw=0.0),),
        districts=("west", "east"),
        wishes=wishes(None, floors={"west": 0.9, "east": 0.2}),
    )
    told = told_of(asked)
    share = PLUG / (3 * PLUG + 0.2)
    assert told["west"].possible == pytest.approx(share * 3 * PLUG, abs=2 * BELOW)
    assert told["east"].possible == pytest.approx(share * 0.2, abs=2 * BELOW)


@pytest.mark.parametrize("floor", [TWO - BELOW, 0.9])
def test_where_neither_the_grid_nor_the_distance_alone_would_do_both_are_told(floor):
    def asked(plugs, spacing_m):
        grid = (GridNode(id="G", hosting_kw=plugs * SLOW.grid_kw),)
        return two_sites_for({"west": floor}, grid=grid, node="G", spacing_m=spacing_m)

    told = told_of(asked(1, 500.0))
    assert set(told) == {"west", "grid"}
    assert (told["grid"].instead.grid_kw, told["grid"].instead.spacing_m) == ({"G": 2 * SLOW.grid_kw}, 11)
    assert (told["grid"].is_proven, told["grid"].is_impossible) == (True, True)
    assert told["grid"].text == (
        "the grid and the distance of 500 m between new sites are in the way of the floors asked for; they would be "
        "kept with 11 m between them (more would not), if nodes carried more: G (20 instead of 10 kW); less would not"
        + "; then 23.1% of district west is served"
        * (floor == 0.9)
    )
    # Asked again so nothing is in the way; of the one or the other alone nothing, or what is left, would do.
    assert not {"grid", "spacing"} & set(told_of(asked(2, 11.0)))
    assert set(told_of(asked(2, 12.0))) == {"west", "spacing"}
    assert set(told_of(asked(1, 11.0))) == {"west", "grid"}
