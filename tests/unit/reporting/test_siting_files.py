"""Maps, tables, workbook and GeoPackage of a study, read again by other means than they were written with."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely

from optimiser.basics.limits import SolveLimits
from optimiser.reporting.siting_files import study_files
from optimiser.reporting.siting_outlines import Outlines
from optimiser.reporting.siting_rows import Table, comparison_table
from optimiser.reporting.siting_workbook import table_csv, workbook
from optimiser.siting.comparison import compare
from optimiser.siting.sensitivity import sensitivity
from tests.unit.reporting.siting_reports import LAT, LON, OUTLINES, small_study

NASTY = {"B": "=HYPERLINK(1)", "C": '</script>"', "city": "<b>Göteborg</b>"}


@pytest.fixture(scope="module")
def files():
    return study_files(small_study(NASTY))


def test_every_site_is_on_the_map_with_all_that_is_known_of_it(files):
    told = json.loads(files["sites.geojson"])
    sites = {feature["properties"]["site_id"]: feature for feature in told["features"]}
    assert {id_: feature["properties"]["state"] for id_, feature in sites.items()} == {
        "A": "existing",
        "B": "new",
        "C": "new",
        "D": "candidate",
    }
    assert sites["B"]["geometry"] == {"type": "Point", "coordinates": [round(LON + 0.001, 6), LAT]}
    assert set(sites["B"]["properties"]) >= {"new_plugs", "phase", "cost", "people_served", "marginal_value", "why"}
    assert told["attribution"] == ["© OpenStreetMap contributors"]


def test_demand_is_on_the_map_with_its_share_and_why_not_all(files):
    points = {
        feature["properties"]["demand_id"]: feature["properties"]
        for feature in json.loads(files["demand.geojson"])["features"]
    }
    assert points["c"]["served_share"] == pytest.approx(1.0)
    assert 0 < points["d"]["served_share"] < 1
    assert {id_: point["unserved_because"] for id_, point in points.items()} == {
        **dict.fromkeys("abc"),
        "d": "plugs",
        "e": "money",
        "f": "no_site",
    }


def test_the_csv_lists_what_is_built_first_and_no_name_is_a_formula(files):
    rows = list(csv.DictReader(io.StringIO(files["sites.csv"].decode(), newline="")))
    assert [row["site_id"] for row in rows] == ["B", "C", "A", "D"]
    assert rows[0]["name"] == "'=HYPERLINK(1)"
    assert (rows[1]["new_plugs_slow"], rows[1]["cost_SEK"]) == ("2", "120.0")
    assert rows[3]["phase"] == ""


def test_servings_add_up_to_what_sites_serve(files):
    rows = list(csv.DictReader(io.StringIO(files["servings.csv"].decode(), newline="")))
    last = sum(float(row["people"]) for row in rows if row["phase"] == "phase 2")
    assert last == pytest.approx(json.loads(files["study.json"])["figures"]["people_served"])
    assert {row["travel_s"] for row in rows if row["demand_id"] == "d"} == {"50"}


def test_the_geopackage_is_one_that_other_programs_read(files, tmp_path: Path):
    path = tmp_path / "study.gpkg"
    path.write_bytes(files["study.gpkg"])
    with sqlite3.connect(path) as database:
        layers = dict(database.execute("select table_name, data_type from gpkg_contents").fetchall())
        assert layers == {"sites": "features", "demand": "features", "districts": "features"}
        assert database.execute("select name, state from sites where site_id = 'B'").fetchall() == [
            ("=HYPERLINK(1)", "new")
        ]
        assert database.execute("select count(*) from demand").fetchall() == [(6,)]
        assert database.execute("select distinct srs_id from gpkg_geometry_columns").fetchall() == [(4326,)]
    database.close()


def test_borders_excluded_areas_and_grid_nodes_are_maps_of_their_own():
    files = study_files(small_study(outlines=OUTLINES))
    told = {name: json.loads(files[f"{name}.geojson"]) for name in ("districts", "excluded", "grid_nodes")}
    assert all(layer["attribution"] == ["© OpenStreetMap contributors"] for layer in told.values())
    west, east = told["districts"]["features"]
    assert [(its["id"], its["properties"]["kind"]) for its in (west, east)] == [
        ("district/west", "district"),
        ("district/east", "district"),
    ]
    assert west["properties"]["served_share"] > 0
    ring = shapely.geometry.shape(east["geometry"])
    assert ring.equals_exact(shapely.normalize(OUTLINES.districts["east"]), 1e-6, normalize=True)
    # RFC 7946: outer rings go counterclockwise.
    assert ring.exterior.is_ccw
    (area,) = told["excluded"]["features"]
    assert area["properties"] == {"kind": "excluded", "name": "Old town"}
    (node,) = told["grid_nodes"]["features"]
    assert node["geometry"]["coordinates"] == [round(LON + 0.0005, 6), round(LAT - 0.0005, 6)]
    assert {key: node["properties"][key] for key in ("id", "hosting_kw", "held_kw", "carried_kw")} == {
        "id": "G",
        "hosting_kw": 15.0,
        "held_kw": 20.0,
        "carried_kw": 35.0,
    }
    assert [(its["held_kw"], its["carried_kw"]) for its in node["properties"]["phases"]] == [(20.0, 35.0)] * 2


def test_what_the_city_does_not_tell_has_no_map(files):
    assert not {"districts.geojson", "excluded.geojson", "grid_nodes.geojson"} & set(files)
    only = study_files(small_study(outlines=Outlines(excluded=OUTLINES.excluded)))
    assert "excluded.geojson" in only
    assert not {"districts.geojson", "grid_nodes.geojson"} & set(only)


ANSWERS = (("districts", "floor_kept"), ("grid_nodes", "is_upgraded"))


def test_the_geopackage_has_borders_where_they_are_known_and_hulls_where_not(tmp_path: Path):
    outlines = replace(OUTLINES, districts={"west": OUTLINES.districts["west"]})
    path = tmp_path / "study.gpkg"
    path.write_bytes(study_files(small_study(outlines=outlines))["study.gpkg"])
    layers = {name: geopandas.read_file(path, layer=name) for name in ("sites", "districts", "excluded", "grid_nodes")}
    west, east = layers["districts"].set_index("district_id").geometry.loc[["west", "east"]]
    assert west.equals(OUTLINES.districts["west"])
    # Its four demand points lie in a row.
    assert east.geom_type == "LineString"
    assert layers["excluded"]["name"].tolist() == ["Old town"]
    assert layers["grid_nodes"][["grid_node", "held_kw"]].values.tolist() == [["G", 20.0]]
    assert [layers[name][answer].dtype for name, answer in ANSWERS] == [np.bool_] * len(ANSWERS)
    assert layers["grid_nodes"].geometry[0].coords[0] == pytest.approx(OUTLINES.grid_nodes["G"])


def test_the_same_study_gives_the_same_bytes_in_another_process(files):
    code = (
        "import hashlib; from optimiser.reporting.siting_files import study_files;"
        "from tests.unit.reporting.siting_reports import small_study;"
        "from tests.unit.reporting.test_siting_files import NASTY;"
        "print({n: hashlib.sha256(c).hexdigest() for n, c in study_files(small_study(NASTY)).items()})"
    )
    import hashlib

    here = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert there.stdout.strip() == str(here)


def test_nothing_is_infinite(files):
    for name in ("study.json", "sites.geojson", "demand.geojson", "sites.csv"):
        assert not re.search(rb"\b(NaN|nan|inf|Infinity)\b", files[name]), name


def test_the_workbook_has_sheets_for_runs_and_for_an_earlier_study():
    made = small_study()
    problem, plan = made.problem, made.result.plan
    runs = sensitivity(problem, SolveLimits(seconds=None, rounds=1), repeats=1, base=made.result)
    earlier = replace(plan, installations=plan.installations[:1], servings=())
    files = study_files(small_study(sensitivity=runs, comparison=compare((problem, earlier), (problem, plan))))
    with zipfile.ZipFile(io.BytesIO(files["study.xlsx"])) as book:
        names = re.findall(r'<sheet name="(\w+)"', book.read("xl/workbook.xml").decode())
        strings = book.read("xl/sharedStrings.xml").decode()
    assert names[-3:] == ["Sensitivity", "Stability", "Comparison"]
    for told in (
        "given_up",
        "wishes_that_gave_way",
        "another seed",
        "upper_bound",
        "times_chosen",
        "demand_varied",
        "people served",
        "this_study",
        "none",
    ):
        assert f"<t>{told}</t>" in strings
    rows = comparison_table(made, compare((problem, earlier), (problem, plan))).rows
    assert ("figure", "cost, SEK", 140.0, 260.0) in rows
    assert ("built at site", "C", "no", "yes") in rows
    assert ("new plugs of slow", "C", 0, 2) in rows


def test_the_workbook_has_a_sheet_for_each_table_and_text_stays_text():
    files = study_files(small_study(NASTY))
    with zipfile.ZipFile(io.BytesIO(files["study.xlsx"])) as book:
        names = re.findall(r'<sheet name="(\w+)"', book.read("xl/workbook.xml").decode())
        text = book.read("xl/sharedStrings.xml").decode()
        sheets = "".join(book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name)
    assert names == ["Summary", "Phases", "Sites", "Districts", "Grid", "Unserved"]
    assert "=HYPERLINK(1)" in text
    assert "<f>" not in sheets


def test_a_table_without_rows_keeps_its_head():
    empty = Table(name="Grid", columns=("grid_node", "hosting_kw"), rows=())
    assert table_csv(empty) == "grid_node,hosting_kw\r\n"
    assert zipfile.is_zipfile(io.BytesIO(workbook([empty])))
