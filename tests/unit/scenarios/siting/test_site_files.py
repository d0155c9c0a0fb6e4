"""Candidate sites as their file has them: what holds for each, what is left out, and what is wrong."""

from __future__ import annotations

import pytest

from scenarios.siting.presets import SOURCES
from tests.unit.scenarios.siting.places import EAST, NORTH, codes, point, read, square, write


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


def test_a_file_of_nothing_is_empty(tmp_path):
    (tmp_path / "candidates.geojson").write_bytes(b"\n")
    _, findings, _ = read(tmp_path)
    assert [(item.code, item.hint[:9]) for item in findings.errors] == [("file_empty", '{"type": ')]


@pytest.mark.parametrize(
    ("name", "heading"), [("chargers.csv", "id,lon,lat,ac22,dc50\n"), ("grid.csv", "id,lon,lat,hosting_kw\n")]
)
def test_a_table_with_nothing_but_its_heading_is_told(tmp_path, name, heading):
    write(tmp_path, "candidates.geojson", point(id="a"))
    (tmp_path / name).write_text(heading)
    sites, findings, _ = read(tmp_path)
    assert [site.id for site in sites] == ["a"]
    assert [(item.code, item.source, item.message) for item in findings.items] == [
        ("file_empty", name, "holds nothing")
    ]


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


def test_what_lies_there_instead_of_a_file_is_told(tmp_path):
    write(tmp_path, "candidates.geojson", point(id="x"))
    (tmp_path / "Grid.CSV").write_text("id,lon,lat,hosting_kw\n")
    (tmp_path / "candidates.xlsx").write_text("")
    _, findings, _ = read(tmp_path)
    assert [(item.source, item.code, item.message) for item in findings.items] == [
        ("Grid.CSV", "file_unread", "is not read: call it grid.csv")
    ]


def test_sites_that_may_draw_less_than_any_plug_takes_are_told_once_with_some_of_their_ids(tmp_path):
    weak = [point(id=f"w{number}", kinds="dc50", max_kw=22) for number in range(12)]
    # 22 kW are enough for a plug of ac22.
    fit = [point(id="fit", kinds="ac22;dc50", max_kw=22), point(id="none", kinds="dc50")]
    write(tmp_path, "candidates.geojson", *weak, *fit)
    write(tmp_path, "chargers.geojson", point(id="full", ac22=1, max_kw=5))
    sites, findings, _ = read(tmp_path)
    assert len(sites) == 15
    (told,) = findings.items
    assert (told.code, told.source, told.value) == ("site_without_power", "candidates", 12)
    assert told.message.startswith("12 sites may draw less than a plug of any kind there takes, so that nothing can be")
    assert told.message.endswith("w8 (22 of 50 kW), w9 (22 of 50 kW) and 2 more")


def test_one_site_that_may_draw_too_little_is_one(tmp_path):
    write(tmp_path, "candidates.geojson", point(id="weak", max_kw=5), point(id="fit"))
    _, findings, _ = read(tmp_path)
    assert findings.items[0].message == (
        "1 site may draw less than a plug of any kind there takes, so that nothing can be built: weak (5 of 11 kW)"
    )


def test_what_is_wrong_with_a_place_hides_nothing_else_of_its_row(tmp_path):
    rows = "k,abc,95,-9,-1,T7,ac99\nk,11.97,57.7,-9,2,T1,ac11\nm,,,1,2,T1,ac11\n"
    (tmp_path / "candidates.csv").write_text(f"id,lon,lat,open_cost,max_plugs,grid_node,kinds\n{rows}")
    (tmp_path / "grid.csv").write_text("id,lon,lat,hosting_kw\nT1,11.97,57.7,50\n")
    _, findings, _ = read(tmp_path)
    assert [(item.where, item.code) for item in findings.items] == [
        ("row 2, lon", "not_a_number"),
        ("row 2, lat", "not_degrees"),
        ("row 4, lon", "not_a_number"),
        ("row 4, lat", "not_a_number"),
        ("row 2, max_plugs", "out_of_range"),
        ("row 2, kinds", "unknown_kind"),
        ("row 2, open_cost", "out_of_range"),
        ("row 3, open_cost", "out_of_range"),
        ("row 3, id", "duplicate_id"),
        ("row 2, grid_node", "unknown_grid_node"),
    ]


def test_a_district_with_a_wrong_shape_is_known_by_its_id(tmp_path):
    nowhere = {"type": "Feature", "properties": {"id": "west"}, "geometry": None}
    write(tmp_path, "districts.geojson", square(-1, -1, 1, 1, id="east"), nowhere, point(id="east"))
    write(tmp_path, "candidates.geojson", point(id="a", district="west"), point(5, 5, id="b", district="north"))
    _, findings, _ = read(tmp_path)
    assert [(item.source, item.where, item.code) for item in findings.items] == [
        ("districts.geojson", "features/1 (id west), geometry", "geometry_missing"),
        ("districts.geojson", "features/2 (id east), id", "duplicate_id"),
        ("districts.geojson", "features/2 (id east)", "not_a_polygon"),
        ("candidates.geojson", "features/1 (id b), district", "unknown_district"),
    ]


def test_misspelt_properties_of_areas_are_told_and_others_are_harmless(tmp_path):
    write(tmp_path, "districts.geojson", square(-1, -1, 1, 1, id="east", nme="Öst", area_m2=5))
    # The key of a GeoPackage, which nobody has written, is meant for no other.
    write(tmp_path, "excluded.geojson", square(2, 2, 3, 3, reasn="park", operator="Stadt", fid=1))
    write(tmp_path, "candidates.geojson", point(id="a"))
    _, findings, _ = read(tmp_path)
    assert [(item.source, item.code, item.value, item.hint) for item in findings.items] == [
        ("districts.geojson", "column_unknown", "nme", "did you mean name?"),
        ("excluded.geojson", "column_unknown", "reasn", "did you mean reason?"),
    ]
