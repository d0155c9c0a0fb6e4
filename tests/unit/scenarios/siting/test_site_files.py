"""Sites: uploaded, from an extract, or along streets; chargers with their plugs; exclusions; grid nodes."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from optimiser.basics.findings import Findings
from optimiser.siting.problem import DemandPoint, Segment
from scenarios.siting.files.areas import read_districts
from scenarios.siting.files.grid import read_grid
from scenarios.siting.files.sites import read_sites
from scenarios.siting.files.sockets import plugs_of
from scenarios.siting.presets import SOURCES
from tests.unit.network.osm_files import STEP, streets_of, way, write_osm
from tests.unit.scenarios.siting.places import EAST, KINDS, NORTH, around, assumed, codes, point, square, told, write

NOTHING_SAID = "does not say how many plugs and which power; assumed 2 × ac22"


def read(folder, *, streets=None, **more):
    findings, notes = Findings(), assumed()
    given = around(districts=read_districts(folder, findings), grid=read_grid(folder, findings), **more)
    return read_sites(folder, streets, given, findings, notes), findings, list(notes.sentences)


def test_an_uploaded_site_is_what_its_file_says_and_else_what_its_source_does(tmp_path):
    said = {"name": "Depot", "kinds": "ac11; dc50", "open_cost": "12,5", "max_plugs": 3, "max_kw": 90, "why": "ours"}
    write(tmp_path, "candidates.geojson", point(id="a", **said, source="parking"), square(0, 0, 2, 2))
    (a, b), findings, _ = read(tmp_path)
    assert findings.items == []
    assert (a.name, a.kinds, a.open_cost, a.max_plugs, a.max_kw) == ("Depot", {"ac11", "dc50"}, 12.5, 3, 90.0)
    assert (a.source, a.why, a.lon, a.lat) == ("parking", "ours", EAST, NORTH)
    assert (b.id, b.name, b.open_cost, b.max_plugs, b.max_kw) == ("c2", "c2", 100.0, 4, None)
    assert b.kinds == {"ac11", "ac22", "dc50"}
    assert (b.source, b.why) == ("upload", "named in candidates.geojson")
    assert (b.lon, b.lat) == pytest.approx((EAST + 0.01, NORTH + 0.01))


def test_every_error_of_all_files_comes_at_once(tmp_path):
    write(tmp_path, "districts.geojson", square(-1, -1, 1, 1, id="middle"))
    write(tmp_path, "grid.geojson", point(id="T1", hosting_kw=100))
    write(tmp_path, "excluded.geojson", point(id="x"))
    write(
        tmp_path,
        "candidates.geojson",
        point(id="a", kinds=["ac12"], open_cost=-1, max_plugs=0, max_kw="x"),
        point(id="b", kinds=5, max_plugs=2.5),
        point(id="c", grid_node="T2"),
        point(id="c", district="midle"),
    )
    write(tmp_path, "chargers.geojson", point(id="c", ac22=-3), point(id="e", ac22=1.5))
    sites, findings, _ = read(tmp_path)
    assert sites is None
    first = "each once; the first is chargers.geojson: features/0 (id c)"
    assert [(item.source.split(".")[0], item.where, item.code, item.hint) for item in findings.errors] == [
        ("excluded", "features/0 (id x)", "not_a_polygon", "a Polygon"),
        ("chargers", "features/0 (id c), ac22", "out_of_range", "a whole number from 0 to 200"),
        ("chargers", "features/1 (id e), ac22", "not_a_number", "a whole number from 0 to 200"),
        ("candidates", "features/0 (id a), max_plugs", "out_of_range", "a whole number above 0, up to 200"),
        ("candidates", "features/0 (id a), kinds", "unknown_kind", "did you mean ac22?"),
        ("candidates", "features/0 (id a), open_cost", "out_of_range", "a number from 0 to 1,000,000,000,000"),
        ("candidates", "features/0 (id a), max_kw", "not_a_number", "a number above 0, up to 100,000"),
        ("candidates", "features/1 (id b), max_plugs", "not_a_number", "a whole number above 0, up to 200"),
        ("candidates", "features/1 (id b), kinds", "not_kinds", "of ac11, ac22, dc50"),
        ("candidates", "features/2 (id c), id", "duplicate_id", first),
        ("candidates", "features/3 (id c), id", "duplicate_id", first),
        ("candidates", "features/3 (id c), district", "unknown_district", "did you mean middle?"),
        ("candidates", "features/2 (id c), grid_node", "unknown_grid_node", "nodes are T1"),
    ]


@pytest.mark.parametrize("text", ["9.000", "9,000"])
def test_a_text_that_may_be_thousands_or_decimals_is_refused(tmp_path, text):
    write(tmp_path, "candidates.geojson", point(id="a", open_cost=text))
    _, findings, _ = read(tmp_path)
    (error,) = findings.errors
    assert (error.code, error.where) == ("number_ambiguous", "features/0 (id a), open_cost")
    assert error.message == f"open_cost is {text!r}, which may be 9000 or 9"
    assert error.hint == "write 9000 or 9, a number, not a text"


@pytest.mark.parametrize(
    ("given", "read_as"), [("0,125", 0.125), ("0.125", 0.125), ("12,5", 12.5), (9.125, 9.125), ("1234,5", 1234.5)]
)
def test_a_number_that_is_clear_is_read(tmp_path, given, read_as):
    write(tmp_path, "candidates.geojson", point(id="a", open_cost=given))
    (site,), findings, _ = read(tmp_path)
    assert findings.items == []
    assert site.open_cost == read_as


@pytest.mark.parametrize(
    ("line", "hosting_kw"),
    [
        ('T,"11,970",57.705,"1,250"', None),
        ('T,"11,970",57.705,1.250', 1.25),
        ("T;11,970;57,705;1,250", 1.25),
        ("T;11,970;57,705;1.250", None),
        ("T;11.970;57.705;1.250", 1.25),
        ("T;11.970;57.705;1,250", None),
        ("T;12;57;1,250", 1.25),
        ("T;12;57;1.250", None),
        ("T,12,57,1.250", 1.25),
        ("T\t11,970\t57,705\t1,250", 1.25),
        ("T\t11,970\t57,705\t1.250", None),
        ("T\t11.970\t57.705\t1,250", None),
    ],
)
def test_in_a_table_the_sign_that_degrees_are_written_with_is_decimal(tmp_path, line, hosting_kw):
    sign = next(sign for sign in ";\t," if sign in line)
    (tmp_path / "grid.csv").write_text(sign.join(["id", "lon", "lat", "hosting_kw"]) + f"\n{line}\n")
    findings = Findings()
    grid = read_grid(tmp_path, findings)
    if hosting_kw is not None:
        assert [node.hosting_kw for node in grid.nodes] == [hosting_kw]
        assert grid.places.nearest([(11.97, 57.705)])[1][0] == (
            0.0 if "705" in line else pytest.approx(78_400, rel=0.01)
        )
        return
    (error,) = findings.errors
    assert (error.code, error.where) == ("number_ambiguous", "row 2, hosting_kw")
    is_with_comma = "1.250" in line
    assert (
        error.hint
        == f"write 1250 or {'1,25, with a decimal comma' if is_with_comma else '1.25, with a decimal point'} if any"
    )


def test_sites_hang_on_the_node_they_name_or_that_supplies_them_or_is_nearest(tmp_path):
    near = point(0.5, 0, id="near", hosting_kw=50, upgrade_kw=100, upgrade_cost=9000)
    write(tmp_path, "grid.geojson", near, square(-3, -3, 0.2, 3, id="area", spare_kw="80"))
    sites = [point(0.1, 0, id="supplied"), point(0.6, 0, id="beside"), point(0.6, 0, id="told", grid_node="area")]
    write(tmp_path, "candidates.geojson", *sites, point(30, 0, id="remote"))
    found, findings, _ = read(tmp_path)
    assert [site.grid_node for site in found] == ["area", "near", "area", "near"]
    assert codes(findings) == ["grid_far"]
    assert "remote (17." in findings.warnings[0].message
    grid = read_grid(tmp_path, Findings())
    assert [(node.hosting_kw, node.upgrade_kw, node.upgrade_cost) for node in grid.nodes] == [
        (50, 100, 9000),
        (80, 0, 0),
    ]


def test_nodes_of_a_grid_that_cannot_be_read_are_not_told_as_unknown(tmp_path):
    write(tmp_path, "candidates.geojson", point(0, 0, id="a", grid_node="T1"))
    _, findings, _ = read(tmp_path)
    assert [item.code for item in findings.errors] == ["unknown_grid_node"]
    write(tmp_path, "grid.geojson", point(0, 0, id="T1", hosting_kw=-5))
    _, findings, _ = read(tmp_path)
    assert [item.code for item in findings.errors] == ["out_of_range"]


def test_every_error_of_a_grid_is_told(tmp_path):
    (tmp_path / "grid.csv").write_text(
        "id,lon,lat,hosting_kw,upgrade_kw,upgrade_cost\n"
        "a,11,57,,,\nb,11,57,5,100,\nc,11,57,5,,9\nd,11,57,-5,,\ne,11,57,5,100,0\ne,11,57,5,,\n"
    )
    findings = Findings()
    assert read_grid(tmp_path, findings) is None
    assert {place: code for place, (code, _) in told(findings).items()} == {
        "grid.csv: row 2, hosting_kw": "hosting_missing",
        "grid.csv: row 3, upgrade_cost": "upgrade_unpriced",
        "grid.csv: row 4, upgrade_kw": "upgrade_empty",
        "grid.csv: row 5, hosting_kw": "out_of_range",
        "grid.csv: row 7, id": "duplicate_id",
    }


def test_a_grid_that_says_nowhere_what_it_hosts_is_told_once(tmp_path):
    (tmp_path / "grid.csv").write_text("id,lon,lat,hostng_kw\na,11,57,5\nb,11,57,6\n")
    findings = Findings()
    assert read_grid(tmp_path, findings) is None
    assert [item.code for item in findings.errors] == ["hosting_missing"]
    assert [(item.code, item.value, item.hint) for item in findings.warnings] == [
        ("column_unknown", "hostng_kw", "did you mean hosting_kw?")
    ]


def test_a_column_that_is_spelled_nearly_as_a_known_one_is_told(tmp_path):
    write(
        tmp_path, "candidates.geojson", point(0, 0, id="a", max_plgs=4, colour="red"), point(1, 0, id="b", kinds="ac11")
    )
    _, findings, _ = read(tmp_path)
    assert [(item.code, item.message, item.hint) for item in findings.warnings] == [
        ("column_unknown", "column max_plgs is not looked at", "did you mean max_plugs?")
    ]


def test_a_column_that_other_places_spell_right_is_told_and_one_beside_the_right_is_not(tmp_path):
    both, right = point(0, 0, id="a", max_plugs=4, max_plug=1), point(1, 0, id="b", max_plugs=4)
    write(tmp_path, "candidates.geojson", both, right)
    _, findings, _ = read(tmp_path)
    assert findings.items == []
    write(tmp_path, "candidates.geojson", both, right, point(2, 0, id="c", max_plug=1))
    _, findings, _ = read(tmp_path)
    assert [(item.code, item.value, item.hint) for item in findings.items] == [
        ("column_unknown", "max_plug", "did you mean max_plugs?")
    ]


def test_a_file_of_nothing_is_empty(tmp_path):
    (tmp_path / "candidates.geojson").write_bytes(b"\n")
    _, findings, _ = read(tmp_path)
    assert [(item.code, item.hint[:9]) for item in findings.errors] == [("file_empty", '{"type": ')]


def test_no_candidate_lies_where_nothing_may_be_built(tmp_path):
    write(tmp_path, "excluded.geojson", square(-1, -1, 1, 1, name="park"))
    write(tmp_path, "candidates.geojson", point(0, 0, id="in"), point(2, 0, id="out"))
    write(tmp_path, "chargers.geojson", point(0, 0, id="old", ac22=2))
    sites, findings, _ = read(tmp_path)
    assert [(site.id, sorted(site.kinds), dict(site.plugs)) for site in sites] == [
        ("old", [], {"ac22": 2}),
        ("out", ["ac11", "ac22", "dc50"], {}),
    ]
    assert codes(findings) == ["site_excluded"]
    assert findings.warnings[0].message == "2 sites lie where nothing may be built: old (park), in (park)"
    write(tmp_path, "candidates.geojson", point(0, 0, id="in"))
    sites, findings, _ = read(tmp_path)
    assert sites is None
    assert [item.code for item in findings.errors] == ["no_candidate"]


@pytest.mark.parametrize(
    ("tags", "plugs", "assumed_text"),
    [
        # A pillar for six cars has a household socket beside each other one.
        ({"capacity": "6", "socket:type2": "6", "socket:typee": "6"}, {"ac22": 6}, ""),
        ({"socket:type2": "2", "socket:type2:output": "11 kW"}, {"ac11": 2}, ""),
        ({"socket:type2": "2", "socket:type2:output": "11000"}, {"ac11": 2}, ""),
        ({"socket:type2_combo": "2", "socket:type2_combo:output": "50 kW;43,5 kW"}, {"dc50": 2}, ""),
        # Two cars at once, though there are three cables: the fast ones count.
        ({"capacity": 2, "socket:type2_combo": "1", "socket:chademo": "1", "socket:type2": "1"}, {"dc50": 2}, ""),
        ({"capacity": 3, "socket:type2": "1"}, {"ac22": 3}, "2 of 3 plugs taken as its slowest"),
        ({"socket:type2": "yes", "socket:type2_combo": "no"}, {"ac22": 1}, ""),
        ({"socket:schuko": "4"}, {"ac11": 4}, ""),
        ({"capacity": "5"}, {"ac22": 5}, "does not say which power; assumed 5 × ac22"),
        ({"maxpower": "50 kW"}, {"dc50": 2}, "does not say how many plugs; assumed 2 × dc50"),
        ({"nbre_pdc": "4", "puissance_nominale": "50"}, {"dc50": 4}, ""),
        ({"anzahl ladepunkte": "2", "nennleistung ladeeinrichtung [kw]": "22,0"}, {"ac22": 2}, ""),
        ({}, {"ac22": 2}, NOTHING_SAID),
        ({"capacity": "lots", "socket:other": "3"}, {"ac22": 2}, NOTHING_SAID),
        ({"capacity": "1e99", "socket:type2": "-1"}, {"ac22": 2}, NOTHING_SAID),
    ],
)
def test_plugs_come_from_what_openstreetmap_says(tags, plugs, assumed_text):
    found = plugs_of(tags, KINDS)
    assert (dict(found.plugs), found.assumed) == (plugs, assumed_text)


def test_figures_of_chargers_that_cannot_be_understood_are_told(tmp_path):
    (tmp_path / "chargers.csv").write_text(
        "id,lon,lat,capacity,socket:type2,socket:type2:output\n"
        "a,11.97,57.7,many,3,22 kW\nb,11.98,57.7,2,yes,lots\nc,11.99,57.7,-4,no,\nd,11.96,57.7,2,0,11\n"
    )
    write(tmp_path, "candidates.geojson", point(id="x"))
    _, findings, _ = read(tmp_path)
    assert [item.message for item in findings.items if item.code == "plugs_unread"] == [
        "a has capacity 'many', which is taken as not said",
        "b has socket:type2:output 'lots', which is taken as not said",
        "c has capacity '-4', which is taken as not said",
    ]


def test_a_source_that_nobody_knows_is_told_once_with_what_holds_for_it(tmp_path):
    sources = ("parkign", "Parking", "parking", "Parkhaus", "parkign", "ours")
    write(tmp_path, "candidates.geojson", *(point(id=str(row), source=name) for row, name in enumerate(sources)))
    write(tmp_path, "chargers.geojson", point(id="old", ac22=1, source="register"))
    _, findings, _ = read(tmp_path, sources=(*SOURCES, "ours"))
    known = f"one of {', '.join(SOURCES)}, ours; or say what holds in siting.sources"
    assert [(item.code, item.source, item.value, item.hint) for item in findings.items] == [
        ("source_unknown", "chargers.geojson", "register", known),
        ("source_unknown", "candidates.geojson", "parkign", "did you mean parking?"),
        ("source_unknown", "candidates.geojson", "Parking", "did you mean parking?"),
        ("source_unknown", "candidates.geojson", "Parkhaus", known),
    ]
    assert findings.items[1].message == "there is no source parkign; 2 candidates of it are taken as upload"


def test_of_many_sources_that_nobody_knows_some_are_told(tmp_path):
    write(tmp_path, "candidates.geojson", *(point(id=str(row), source=f"sheet {row}") for row in range(30)))
    _, findings, _ = read(tmp_path)
    assert codes(findings) == ["source_unknown"] * 11
    assert findings.items[-1].message.startswith("there are 20 more sources that nobody knows")


def test_a_charger_that_is_called_like_an_offered_corner_is_told(tmp_path):
    write(tmp_path, "chargers.geojson", point(id="kerb-1", ac22=1))
    demand = (DemandPoint(id="a", lon=EAST + 0.01, lat=NORTH, weight=1, segment="residents"),)
    _, findings, _ = read(tmp_path, demand=demand)
    assert [(item.source, item.code) for item in findings.items] == [("chargers.geojson", "duplicate_id")]


def test_what_lies_there_instead_of_a_file_is_told(tmp_path):
    write(tmp_path, "candidates.geojson", point(id="x"))
    (tmp_path / "Grid.CSV").write_text("id,lon,lat,hosting_kw\n")
    (tmp_path / "candidates.xlsx").write_text("")
    _, findings, _ = read(tmp_path)
    assert [(item.source, item.code, item.message) for item in findings.items] == [
        ("Grid.CSV", "file_unread", "is not read: call it grid.csv")
    ]


def test_chargers_are_required_sites_that_may_grow(tmp_path):
    write(
        tmp_path,
        "chargers.geojson",
        point(0, 0, id="a", capacity="6", **{"socket:type2": "6"}),
        point(1, 0, id="unknown"),
        point(2, 0, id="own", access="private", capacity=9),
        point(3, 0, id="stated", AC11=1, dc50="2", max_plugs=5),
        point(4, 0, id="pedelecs", bicycle="yes", capacity=8),
    )
    write(tmp_path, "candidates.geojson", point(5, 0, id="new"))
    sites, findings, _ = read(tmp_path)
    assert [(site.id, dict(site.plugs), site.max_plugs, site.source) for site in sites] == [
        ("a", {"ac22": 6}, 6, "existing"),
        ("unknown", {"ac22": 2}, 4, "existing"),
        ("stated", {"ac11": 1, "dc50": 2}, 5, "existing"),
        ("new", {}, 4, "upload"),
    ]
    assert [site.is_required for site in sites] == [True, True, True, False]
    assert codes(findings) == ["plugs_assumed", "charger_private", "charger_without_kind"]


TOWN = {1: (0, 0), 2: (9, 0), 3: (9, 9), 4: (0, 9), 5: (4, 4), 6: (5, 4), 7: (5, 5), 8: (4, 5)}
RING = way(1, 2, 3, 4, 1)


def area(*nodes, **tags):
    return nodes, tags


def test_an_extract_supplies_chargers_and_candidates_with_a_reason_each(tmp_path):
    spots = {20 + index: (index, 2) for index in range(8)}
    tags = {
        20: {"amenity": "charging_station", "capacity": "3", "socket:type2": "3"},
        21: {"amenity": "fuel", "name": "Pump", "brand": "x"},
        22: {"amenity": "parking", "access": "private"},
        23: {"amenity": "car_sharing", "addr:street": "Long Street", "addr:housenumber": "5"},
        24: {"highway": "street_lamp"},
        25: {"amenity": "bench"},
    }
    car_park = area(5, 6, 7, 8, 5, amenity="parking", parking="surface")
    at_kerb = area(1, 2, 3, amenity="parking", parking="street_side")
    path = write_osm(tmp_path / "town.osm", {**TOWN, **spots}, RING, car_park, at_kerb, node_tags=tags)
    sites, findings, notes = read(tmp_path, streets=path)
    found = {site.id: (site.source, site.name) for site in sites}
    assert found == {
        "node/20": ("existing", "Charging station"),
        "node/21": ("fuel", "Pump"),
        "node/23": ("car_sharing", "Car sharing, Long Street 5"),
        "way/2": ("parking", "Car park"),
        "way/3": ("kerbside", "Street parking"),
    }
    assert sites[0].plugs == {"ac22": 3}
    assert all(site.why for site in sites)
    by_id = {site.id: site for site in sites}
    assert (by_id["way/2"].lon, by_id["way/2"].lat) == pytest.approx((4.5 * 0.0008993, 4.5 * 0.0008993))
    assert codes(findings) == ["private_places"]
    assert notes == [
        "candidate sites: 4 from the street extract: 1 car_sharing, 1 fuel, 1 kerbside, 1 parking",
        "candidate sites: 1 of street_lamp are left out, no kind of the study may come there",
    ]


def test_an_extract_whose_ids_do_not_rise_is_searched_like_any(tmp_path):
    grid, pump = {**TOWN, 20: (2, 0)}, {20: {"amenity": "fuel"}}
    car_park = area(5, 6, 7, 8, 5, amenity="parking")
    path = write_osm(tmp_path / "town.osm", grid, RING, car_park, node_tags=pump)
    in_order, _, _ = read(tmp_path, streets=path)
    lines = path.read_text().splitlines()
    ways = [line for line in lines if line.startswith("<way")]
    assert len(ways) == 2
    text = "\n".join([line for line in lines if line not in ways][:-1] + ways[::-1] + lines[-1:])
    path.write_text(text)
    sites, findings, _ = read(tmp_path, streets=path)
    assert findings.errors == ()
    assert [(site.id, site.lon, site.lat, site.source) for site in sites] == [
        (site.id, site.lon, site.lat, site.source) for site in in_order
    ]
    assert {"node/20", "way/2"} <= {site.id for site in sites}


def test_a_place_beside_chargers_is_no_site_of_its_own(tmp_path):
    tags = {20: {"amenity": "parking"}, 21: {"amenity": "parking"}}
    path = write_osm(tmp_path / "town.osm", {**TOWN, 20: (0.1, 0), 21: (3, 0)}, RING, node_tags=tags)
    charger = point(id="old", ac22=1)
    charger["geometry"]["coordinates"] = [0.0, 0.0]
    write(tmp_path, "chargers.geojson", charger)
    sites, _, notes = read(tmp_path, streets=path)
    assert [site.id for site in sites] == ["old", "node/21"]
    assert notes[-1] == "candidate sites: 1 beside chargers that stand already are left out"


def test_without_anything_better_sites_are_corners_some_way_apart(tmp_path):
    grid = {row * 10 + column: (column, row) for row in range(9) for column in range(9)}
    lines = [way(*(row * 10 + column for column in range(9))) for row in range(9)]
    lines += [way(*(row * 10 + column for row in range(9))) for column in range(9)]
    streets = streets_of(tmp_path, grid, *lines)
    sites, findings, notes = read(tmp_path, streets=tmp_path / "tiny.osm", graph=streets.graph)
    assert findings.items == []
    # 250 m or more on a raster of 100 m
    assert 4 <= len(sites) <= 12
    places = [(site.lon / 0.0008993, site.lat / 0.0008993) for site in sites]
    pairs = [(a, b) for index, a in enumerate(places) for b in places[:index]]
    assert all((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 > 6.2 for a, b in pairs)
    assert {site.source for site in sites} == {"kerbside"}
    assert notes == [f"candidate sites: {len(sites)} street corners, 250 m apart or more (kerbside)"]


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


def test_without_streets_sites_are_where_people_are(tmp_path):
    demand = tuple(DemandPoint(id=str(i), lon=EAST + i / 1000, lat=NORTH, weight=1, segment="x") for i in range(10))
    sites, _, notes = read(tmp_path, demand=demand)
    # 59.4 m between them, so every fifth
    assert [round((site.lon - EAST) * 1000) for site in sites] == [0, 5]
    assert notes == ["candidate sites: 2 places of demand, 250 m apart or more (kerbside)"]


def test_an_extract_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / "torn.osm.pbf").write_bytes(b"torn")
    _, findings, _ = read(tmp_path, streets=tmp_path / "torn.osm.pbf")
    assert "streets_unreadable" in codes(findings)
