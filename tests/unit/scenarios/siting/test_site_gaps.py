"""Street corners are offered where an extract knows too few places within reach."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from optimiser.siting.problem import DemandPoint, Segment
from tests.unit.network.osm_files import STEP, streets_of, way
from tests.unit.scenarios.siting.places import codes, point, read, write


def raster(folder, *parked):
    """Streets every 100 m, nine by nine, with car parks at some corners."""
    grid = {row * 10 + column: (column, row) for row in range(9) for column in range(9)}
    lines = [way(*(row * 10 + column for column in range(9))) for row in range(9)]
    lines += [way(*(row * 10 + column for row in range(9))) for column in range(9)]
    tags = {row * 10 + column: {"amenity": "parking"} for column, row in parked}
    return streets_of(folder, grid, *lines, node_tags=tags).graph


def person(east, north, **given):
    place = {"id": f"{east}/{north}", "lon": east * STEP, "lat": north * STEP, "weight": 7, "segment": "residents"}
    return DemandPoint(**{**place, **given})


# 300 s on foot are 400 m along streets, some 308 m along a line.
WALKERS = Segment(id="residents", name="R", kinds=frozenset({"ac11"}), reach_s=300)

PARKED = [(0, 0), (1, 0), (0, 1)]


def test_corners_fill_the_gaps_that_an_extract_leaves(tmp_path):
    graph = raster(tmp_path, *PARKED)
    demand = (person(0, 0), person(8, 8), person(7, 8))
    sites, findings, notes = read(
        tmp_path, streets=tmp_path / "tiny.osm", graph=graph, demand=demand, segments=(WALKERS,)
    )
    by_source = {source: [site for site in sites if site.source == source] for source in ("parking", "kerbside")}
    assert len(by_source["parking"]) == 3
    added = by_source["kerbside"]
    assert added
    # Only around the two who have no car park within reach, and told as what they are.
    for site in added:
        assert min(math.dist((site.lon / STEP, site.lat / STEP), spot) for spot in ((8, 8), (7, 8))) <= 3.08
        assert (
            site.why
            == "a street corner, offered since the extract knows few places near here; nobody has looked at it yet"
        )
    (warning,) = findings.warnings
    assert (warning.code, warning.value) == ("few_candidates", 2)
    assert "2 of 3 demand points (14 people) have fewer than 3 within reach" in warning.message
    assert notes[-1] == (
        f"candidate sites: {len(added)} street corners beside them, 250 m apart or more (kerbside), where fewer than "
        "3 sites are within reach"
    )


@pytest.mark.parametrize(
    ("demand", "segment", "chargers"),
    [
        ([person(0, 0), person(1, 1)], WALKERS, 0),  # three car parks near everybody
        ([person(8, 8)], replace(WALKERS, reach_s=1200), 0),  # who walk far enough
        ([person(8, 8)], replace(WALKERS, kinds=frozenset({"dock"})), 0),  # whom no charger at a kerb would serve
        ([person(8, 8)], WALKERS, 3),  # chargers that stand there may be extended
    ],
)
def test_nothing_is_added_where_enough_is_within_reach_or_nothing_would_help(tmp_path, demand, segment, chargers):
    graph = raster(tmp_path, *PARKED)
    if chargers:
        features = [point(id=f"c{number}", ac11=1) for number in range(chargers)]
        for number, feature in enumerate(features):
            feature["geometry"]["coordinates"] = [8 * STEP, (7 - number) * STEP]
        write(tmp_path, "chargers.geojson", *features)
    sites, findings, _ = read(
        tmp_path, streets=tmp_path / "tiny.osm", graph=graph, demand=tuple(demand), segments=(segment,)
    )
    assert [site.source for site in sites if site.source != "existing"] == ["parking"] * 3
    assert "few_candidates" not in codes(findings)
