"""The bundled cities' own files of places are read without an error, and nothing of them is lost."""

import pytest

from optimiser.basics.findings import Findings
from optimiser.network.profiles import DRIVE
from optimiser.network.streets import open_streets
from scenarios.loader import BUNDLED
from scenarios.siting.files.demand import read_demand
from scenarios.siting.files.sites import read_sites
from scenarios.siting.files.spread import Corners
from tests.unit.scenarios.siting.places import SEGMENTS, around, assumed


def test_coquimbos_zones_start_from_street_corners():
    folder, findings = BUNDLED / "coquimbo", Findings()
    corners = Corners.of(open_streets(folder / "streets.osm.pbf", profile=DRIVE).graph)
    demand = read_demand(folder, findings, assumed(), segments=SEGMENTS, corners=corners)
    assert findings.errors == ()
    # SOURCE.md: 133 zones with 451,899 people
    assert len({point.id.split("/")[0] for point in demand.points}) == 133
    assert sum(point.weight for point in demand.points) == pytest.approx(451_899, abs=1)
    assert len(demand.points) > 800


def test_chargers_of_paris_keep_their_plugs():
    folder, findings = BUNDLED / "paris-8e", Findings()
    graph = open_streets(folder / "streets.osm.pbf", profile=DRIVE).graph
    sites = read_sites(folder, folder / "streets.osm.pbf", around(graph=graph), findings, assumed()).sites
    assert findings.errors == ()
    standing = [site for site in sites if site.is_required]
    assert [dict(site.plugs) for site in standing] == [{"ac22": 6}, {"ac22": 6}, {"ac22": 5}, {"ac22": 2}, {"ac22": 5}]
    assert len(sites) > len(standing)
