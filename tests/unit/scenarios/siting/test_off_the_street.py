"""On foot the way from the door to the street, and from there to the site, counts like any other."""

import numpy as np
import pytest

from scenarios.siting.loader import load_study
from scenarios.siting.study import state_study
from tests.siting_folders import HEAD, SIMPLE, write_folder
from tests.unit.network.osm_files import STEP, way, write_osm
from tests.unit.scenarios.siting.test_siting_study import pairs_of

STREETS = "\n".join([*(line for line in HEAD.splitlines() if "streets" not in line), 'streets = "tiny.osm"'])
DEMAND = [{"id": "a", "lon": STEP, "lat": 1.2 * STEP, "at": 0, "weight": 30}]
"""120 m north of a street that runs east."""
SITES = [{"id": "x", "lon": 3 * STEP, "lat": -0.4 * STEP, "at": 0}, {"id": "y", "lon": 6 * STEP, "lat": 0, "at": 0}]
"""40 m south of it, 200 m further east; and on it, 500 m further east."""


def state(folder, *, reach_s, profile="walk", widen=1.0, sites=SITES):
    reach = f'reach_s = {reach_s}, profile = "{profile}"'
    write_folder(folder, SIMPLE.replace("reach_s = 100", reach), head=STREETS + "\n", demand=DEMAND, candidates=sites)
    write_osm(folder / "tiny.osm", {1: (0, 0), 2: (9, 0)}, way(1, 2))
    loaded = load_study(folder)
    return state_study(loaded.inputs, loaded.travel_of, loaded.city.assumed, widen=widen)


def test_a_walk_begins_at_the_door_and_ends_at_the_site(tmp_path):
    # At 4/3 m/s: 200 m along the street are 150 s, 120 + 40 m beside it 120 s; 500 m are 375 s, 120 m 90 s.
    assert pairs_of(state(tmp_path, reach_s=500).problem) == {"a": [("x", 270, 360), ("y", 465, 620)]}


@pytest.mark.parametrize(("reach_s", "reached"), [(464, ["x"]), (270, ["x"]), (269, [])])
def test_who_is_out_of_reach_with_it_has_no_way(tmp_path, reach_s, reached):
    stated = state(tmp_path, reach_s=reach_s)
    assert [site for site, _, _ in pairs_of(stated.problem)["a"]] == reached
    told = [item for item in stated.warnings if item.code == "no_site_in_reach"]
    assert ["the nearest is 270 s away" in item.message for item in told] == [True] * (not reached)


def test_who_is_on_the_same_plot_does_not_go_by_the_street(tmp_path):
    # 10 m to the east and 10 m to the north are 14.1 m, 10.6 s; by the street it would be 260 m.
    sites = [{"id": "x", "lon": 1.1 * STEP, "lat": 1.3 * STEP, "at": 0}]
    assert pairs_of(state(tmp_path, reach_s=500, sites=sites).problem) == {"a": [("x", 11, 14)]}


def test_wider_reaches_count_it_too(tmp_path):
    stated = state(tmp_path, reach_s=270, widen=1.75)
    # 1.75 × 270 s are 472.5 s.
    assert stated.wide is not None
    assert stated.wide.travel_s.tolist() == [270, 465]
    assert stated.problem.access.travel_s.tolist() == [270]


def test_cars_and_bikes_are_looked_up_from_the_street(tmp_path):
    # By car 36 km/h with a time factor of 1.5: 200 m take 30 s, 500 m take 75 s.
    stated = state(tmp_path, reach_s=100, profile="drive")
    assert pairs_of(stated.problem) == {"a": [("x", 30, 200), ("y", 75, 500)]}


@pytest.mark.parametrize("on_far", ["warn", "drop"])
def test_who_is_too_far_from_the_streets_is_unserved_for_that_reason(tmp_path, on_far):
    from optimiser.basics.limits import SolveLimits
    from optimiser.reporting.siting_outcome import outcome
    from service.siter import solve_study

    # 20 steps are 2.2 km; who is at the end of the street is 999 m from the site.
    demand = [
        {"id": "far", "lon": 0, "lat": 20 * STEP, "at": 0, "weight": 5},
        {"id": "end", "lon": 9 * STEP, "lat": 0, "at": 0, "weight": 7},
    ]
    head = f'{STREETS}\non_far = "{on_far}"\n'
    write_folder(tmp_path, SIMPLE, head=head, demand=demand, candidates=[{"id": "x", "lon": 0, "lat": 0, "at": 0}])
    write_osm(tmp_path / "tiny.osm", {1: (0, 0), 2: (9, 0)}, way(1, 2))
    study = solve_study(load_study(tmp_path), SolveLimits(seconds=1)).study
    assert outcome(study).reasons == ("off_streets", "no_site")
    # Nobody at all has a site within reach, for whatever reason.
    assert [(item.rule, item.ids) for item in study.result.conflicts] == [("reach", ("residents",))]


def test_the_map_draws_what_is_left_of_the_reach_at_the_street(tmp_path):
    from optimiser.basics.limits import SolveLimits
    from service.siter import solve_study

    write_folder(tmp_path, SIMPLE, head=STREETS + "\n", demand=DEMAND, candidates=SITES[:1])
    text = (tmp_path / "city.toml").read_text().replace("reach_s = 100", "reach_s = 270")
    (tmp_path / "city.toml").write_text(text)
    write_osm(tmp_path / "tiny.osm", {1: (0, 0), 2: (9, 0)}, way(1, 2))
    study = solve_study(load_study(tmp_path), SolveLimits(seconds=1)).study
    # 270 s less 30 s from the site to the street are 320 m to either side of 300 m, drawn with a margin of 60 m.
    (area,) = study.isochrones["x"]
    east = np.array(area[0])[:, 0] / STEP
    assert east.max() == pytest.approx(6.8, abs=0.01)
