"""On foot the way from the door to the street, and from there to the site, counts like any other."""

import numpy as np
import pytest

from optimiser.network.geodesy import great_circle_m
from optimiser.network.travel import AccessPairs, Place
from scenarios.siting.loader import load_study
from scenarios.siting.study import state_study
from scenarios.siting.walking import walk_s, walked
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


@pytest.mark.parametrize("reach_s", [17, 300, 2000])
def test_who_is_on_the_same_plot_is_there_however_far_it_is_by_the_street(tmp_path, reach_s):
    # Two streets, 100 m apart, that meet 1.8 km to the west; between them somebody, 40 m off one, and a site, 40 m off
    # the other.
    demand = [{"id": "a", "lon": 0, "lat": 0.4 * STEP, "at": 0, "weight": 30}]
    site = [{"id": "x", "lon": 0.1 * STEP, "lat": 0.6 * STEP, "at": 0}]
    reach = f'reach_s = {reach_s}, profile = "walk"'
    write_folder(tmp_path, SIMPLE.replace("reach_s = 100", reach), head=STREETS + "\n", demand=demand, candidates=site)
    nodes = {1: (0, 0), 2: (-18, 0), 3: (-18, 1), 4: (0, 1)}
    write_osm(tmp_path / "tiny.osm", nodes, way(1, 2), way(2, 3), way(3, 4))
    loaded = load_study(tmp_path)
    stated = state_study(loaded.inputs, loaded.travel_of, loaded.city.assumed, widen=2)
    # 10 m to the east and 20 m to the north are 22.4 m, 16.8 s.
    assert pairs_of(stated.problem) == {"a": [("x", 17, 22)]}
    assert not [item for item in stated.warnings if item.code == "no_site_in_reach"]
    assert stated.wide is not None
    assert stated.wide.travel_s.tolist() == [17]


@pytest.mark.parametrize("seed", range(30))
def test_ways_from_door_to_door_are_those_of_every_pair_one_by_one(seed):
    rng = np.random.default_rng(seed)
    demand, sites = (
        [
            Place(id=f"{name}{n}", lon=lon, lat=60 + lat)
            for n, (lon, lat) in enumerate(rng.uniform(0, 0.003, (count, 2)))
        ]
        for name, count in (("d", 25), ("s", 10))
    )
    off_d, off_s = (rng.choice([0.0, 5.0, 60.0, 120.0, 300.0], count) for count in (25, 10))
    by_street = rng.random((25, 10)) < 0.4
    travel_s, length_m = rng.integers(0, 400, (2, 25, 10))
    by_street &= (off_d <= 250)[:, None] & (off_s <= 250)[None, :]
    found = AccessPairs(
        demand_ids=tuple(place.id for place in demand),
        site_ids=tuple(place.id for place in sites),
        first=np.concatenate([[0], np.cumsum(by_street.sum(axis=1))]),
        site=np.nonzero(by_street)[1].astype(np.int32),
        travel_s=travel_s[by_street].astype(np.int32),
        length_m=length_m[by_street].astype(np.int32),
    )
    made = walked(found, demand, sites, off_demand_m=off_d, off_sites_m=off_s, max_snap_m=250.0)
    expected = []
    for i, one in enumerate(demand):
        for j, other in enumerate(sites):
            off_m = off_d[i] + off_s[j]
            straight_m = float(great_circle_m(one.lon, one.lat, other.lon, other.lat))
            if straight_m <= off_m and max(off_d[i], off_s[j]) <= 250:
                expected.append((i, j, int(walk_s(np.array(straight_m))), round(straight_m)))
            elif by_street[i, j]:
                walk = int(walk_s(np.array(off_m)))
                expected.append((i, j, travel_s[i, j] + walk, length_m[i, j] + round(off_m)))
    pairs = zip(made.demand, made.site, made.travel_s, made.length_m, strict=True)
    assert [tuple(map(int, pair)) for pair in pairs] == [tuple(map(int, pair)) for pair in expected]
    assert any(not by_street[i, j] for i, j, *_ in expected)


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
