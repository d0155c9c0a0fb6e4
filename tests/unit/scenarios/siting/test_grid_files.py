"""Grid nodes, and the one that a site hangs on."""

from __future__ import annotations

from optimiser.basics.findings import Findings
from scenarios.siting.files.grid import read_grid
from tests.unit.scenarios.siting.places import codes, point, read, square, told, write


def test_sites_hang_on_the_node_they_name_or_that_supplies_them_or_is_nearest(tmp_path):
    near = point(0.5, 0, id="near", hosting_kw=50, upgrade_kw=100, upgrade_cost=9000)
    write(tmp_path, "grid.geojson", near, square(-3, -3, 0.2, 3, id="area", spare_kw="80"))
    sites = [point(0.1, 0, id="supplied"), point(0.6, 0, id="beside"), point(0.6, 0, id="told", grid_node="area")]
    write(tmp_path, "candidates.geojson", *sites, point(30, 0, id="remote"))
    found, findings, _ = read(tmp_path)
    assert [site.grid_node for site in found] == ["area", "near", "area", "near"]
    assert codes(findings) == ["grid_far"]
    assert findings.warnings[0].message.startswith("1 site is further than 2 km from every node: remote (17.")
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


def test_a_node_or_district_that_many_sites_name_is_told_once_as_unknown_and_lists_are_cut(tmp_path):
    write(tmp_path, "grid.geojson", *(point(0, 0, id=f"T{number}", hosting_kw=50) for number in range(13)))
    strange = [point(0, 0, id=f"s{number}", grid_node="Xyz", district="Qqq") for number in range(39)]
    write(tmp_path, "candidates.geojson", *strange, point(0, 0, id="other", grid_node="T1x"))
    write(tmp_path, "chargers.geojson", point(0, 1, id="standing", grid_node="Xyz", ac11=1))
    write(tmp_path, "districts.geojson", square(-3, -3, 3, 3, id="west"))
    _, findings, _ = read(tmp_path)
    ten = ", ".join(f"s{number}" for number in range(10))
    others = f", which 39 places name: {ten} and 29 more"
    nodes = f"nodes are {', '.join(f'T{number}' for number in range(10))} and 3 more"
    assert {(item.source, item.where, item.message, item.hint) for item in findings.errors} == {
        ("candidates.geojson", "features/0 (id s0), grid_node", f"there is no grid node Xyz{others}", nodes),
        ("candidates.geojson", "features/39 (id other), grid_node", "there is no grid node T1x", "did you mean T1?"),
        ("chargers.geojson", "features/0 (id standing), grid_node", "there is no grid node Xyz", nodes),
        (
            "candidates.geojson",
            "features/0 (id s0), district",
            f"there is no district Qqq{others}",
            "districts.geojson has west",
        ),
    }


def test_long_lists_of_what_is_odd_are_cut(tmp_path):
    write(tmp_path, "grid.geojson", point(90, 0, id="T1", hosting_kw=50))
    write(tmp_path, "candidates.geojson", *(point(number / 100, 0, id=f"s{number}") for number in range(41)))
    write(tmp_path, "districts.geojson", square(10, 10, 11, 11, id="west"))
    _, findings, _ = read(tmp_path)
    told = {item.code: item.message for item in findings.warnings}
    assert told["outside_districts"].endswith("s9 and 31 more")
    assert told["grid_far"].endswith(" km) and 31 more")
    assert len(told["grid_far"]) < 400


def test_watts_in_place_of_kilowatts_are_told(tmp_path):
    nodes = [point(0, 0, id="mast", hosting_kw=100_000), point(1, 0, id="hall", hosting_kw=300_000)]
    write(tmp_path, "grid.geojson", *nodes, point(2, 0, id="yard", hosting_kw=50, upgrade_kw=100_001, upgrade_cost=1))
    findings = Findings()
    assert read_grid(tmp_path, findings) is not None
    assert [(item.code, item.message) for item in findings.warnings] == [
        ("hosting_large", "node hall is told to have 300,000 kW"),
        ("hosting_large", "node yard is told to have 100,001 kW"),
    ]


def test_every_error_of_a_grid_is_told(tmp_path):
    (tmp_path / "grid.csv").write_text(
        "id,lon,lat,hosting_kw,upgrade_kw,upgrade_cost\n"
        "a,11,57,,,\nb,11,57,5,100,\nc,11,57,5,,9\nd,11,57,-5,,\ne,11,57,5,100,0\ne,11,57,5,,\n"
    )
    findings = Findings()
    grid = read_grid(tmp_path, findings)
    assert [node.id for node in grid.nodes] == ["e", "e"]
    assert grid.named == ("a", "b", "c", "d", "e")
    assert {place: code for place, (code, _) in told(findings).items()} == {
        "grid.csv: row 2, hosting_kw": "hosting_missing",
        "grid.csv: row 3, upgrade_cost": "upgrade_unpriced",
        "grid.csv: row 4, upgrade_kw": "upgrade_empty",
        "grid.csv: row 5, hosting_kw": "out_of_range",
        "grid.csv: row 7, id": "duplicate_id",
    }


def test_a_misspelt_column_of_upgrades_is_the_one_error_and_not_what_follows_from_it(tmp_path):
    rows = "a,11,57,5,100,9\nb,11,57,6,100,9\n"
    for heading, meant in (("upgrade_kv,upgrade_cost", "upgrade_kw"), ("upgrade_kw,upgrade_cst", "upgrade_cost")):
        (tmp_path / "grid.csv").write_text(f"id,lon,lat,hosting_kw,{heading}\n{rows}")
        findings = Findings()
        assert read_grid(tmp_path, findings) is None
        assert [(item.code, item.hint) for item in findings.items] == [("column_unknown", f"did you mean {meant}?")]
        assert findings.errors


def test_a_grid_that_says_nowhere_what_it_hosts_is_told_once(tmp_path):
    (tmp_path / "grid.csv").write_text("id,lon,lat,hostng_kw\na,11,57,5\nb,11,57,6\n")
    findings = Findings()
    assert read_grid(tmp_path, findings) is None
    assert [item.code for item in findings.errors] == ["hosting_missing"]
    assert [(item.code, item.value, item.hint) for item in findings.warnings] == [
        ("column_unknown", "hostng_kw", "did you mean hosting_kw?")
    ]


def test_an_id_that_is_there_twice_is_told_beside_what_else_is_wrong_with_its_rows(tmp_path):
    (tmp_path / "grid.csv").write_text(
        "id,lon,lat,hosting_kw,upgrade_kw,upgrade_cost\na,11,57,5,50,\na,11,57,5,,\na,x,57,5,,\n"
    )
    findings = Findings()
    read_grid(tmp_path, findings)
    assert {place: code for place, (code, _) in told(findings).items()} == {
        "grid.csv: row 4, lon": "not_a_number",
        "grid.csv: row 2, upgrade_cost": "upgrade_unpriced",
        "grid.csv: row 3, id": "duplicate_id",
        "grid.csv: row 4, id": "duplicate_id",
    }


def test_nodes_that_a_wrong_grid_does_not_name_are_told_as_long_as_all_its_ids_are_known(tmp_path):
    write(tmp_path, "candidates.geojson", point(id="a", grid_node="T1"), point(id="b", grid_node="T9"))
    (tmp_path / "grid.csv").write_text("id,lon,lat,hosting_kw\nT1,11.97,57.7,-5\n")
    _, findings, _ = read(tmp_path)
    assert [item.code for item in findings.errors] == ["out_of_range", "unknown_grid_node"]
    (tmp_path / "grid.csv").write_text("id,lon,lat,hosting_kw\nT1,11.97,57.7,-5\nT9,11.97,57.7\n")
    _, findings, _ = read(tmp_path)
    assert [item.code for item in findings.errors] == ["row_short", "out_of_range"]


def test_an_empty_file_of_nodes_is_named_where_a_site_names_one(tmp_path):
    write(tmp_path, "candidates.geojson", point(id="a", grid_node="T1"))
    (tmp_path / "grid.csv").write_text("id,lon,lat,hosting_kw\n")
    _, findings, _ = read(tmp_path)
    assert [(item.code, item.hint) for item in findings.errors] == [
        ("unknown_grid_node", "nodes are those of grid.csv, which holds nothing")
    ]
    (tmp_path / "grid.csv").unlink()
    _, findings, _ = read(tmp_path)
    assert [item.hint for item in findings.errors] == ["nodes are those of grid.geojson, missing"]
