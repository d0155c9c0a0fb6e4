"""Places come the same out of GeoJSON, tables and GeoPackages; what is wrong is told all at once, with its place."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import geopandas
import pytest
import shapely

from optimiser.basics.finding import Severity
from optimiser.basics.findings import Findings
from scenarios.siting.files.areas import read_districts
from scenarios.siting.files.ground import point_of
from scenarios.siting.files.source import read_places
from tests.unit.scenarios.siting.places import EAST, NORTH, codes, point, square, told, write


def read(folder, stem="demand"):
    findings = Findings()
    return read_places(folder, stem, findings), findings


def placed(features):
    return [feature for feature in features if feature.is_placed]


def test_no_file_is_no_mistake_and_two_are(tmp_path):
    features, findings = read(tmp_path)
    assert features is None
    assert findings.items == []
    write(tmp_path, "demand.geojson", point())
    (tmp_path / "demand.csv").write_text("lon,lat\n1,2\n")
    features, findings = read(tmp_path)
    assert features is None
    assert codes(findings) == ["file_twice"]


def test_a_geojson_gives_its_features_with_ids_from_wherever_they_stand(tmp_path):
    beside = {**point(1, 0, Name="B"), "id": 17}
    lifted = {"type": "Feature", "properties": None, "geometry": {"type": "Point", "coordinates": [EAST, NORTH, 12.5]}}
    write(tmp_path, "demand.geojson", point(ID="a"), beside, square(0, 0, 1, 1, id="c"), lifted)
    features, findings = read(tmp_path)
    assert findings.items == []
    assert [feature.values.get("id") for feature in features] == ["a", 17, "c", None]
    assert features[1].values["name"] == "B"
    assert features[1].where == "features/1 (id 17)"
    assert [feature.geometry.geom_type for feature in features] == ["Point", "Point", "Polygon", "Point"]
    assert not features[3].geometry.has_z


@pytest.mark.parametrize(
    "crs", [None, "urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326", "OGC:CRS84"]
)
def test_wgs84_may_be_said(tmp_path, crs):
    write(tmp_path, "demand.geojson", point(), crs=crs and {"type": "name", "properties": {"name": crs}})
    assert read(tmp_path)[1].items == []


@pytest.mark.parametrize("crs", ["urn:ogc:def:crs:EPSG::3857", "EPSG:3006", "EPSG:14326"])
def test_another_reference_system_is_refused_with_the_way_out(tmp_path, crs):
    write(tmp_path, "demand.geojson", point(), crs={"type": "name", "properties": {"name": crs}})
    features, findings = read(tmp_path)
    assert features is None
    (finding,) = findings.errors
    assert (finding.code, finding.where, finding.value) == ("crs", "crs", crs)
    assert "ogr2ogr -t_srs EPSG:4326" in finding.hint


@pytest.mark.parametrize(("count", "amount"), [(3, "of the 3 places"), (1200, "of the first 1,00")])
@pytest.mark.parametrize("kind", ["geojson", "csv"])
def test_a_file_in_metres_is_one_mistake(tmp_path, kind, count, amount):
    places = [(319_000 + number, 6_399_000) for number in range(count)]
    if kind == "csv":
        (tmp_path / "demand.csv").write_text("lon,lat\n" + "".join(f"{lon},{lat}\n" for lon, lat in places))
    else:
        shapes = [{"type": "Point", "coordinates": place} for place in places]
        write(tmp_path, "demand.geojson", *({"type": "Feature", "properties": {}, "geometry": it} for it in shapes))
    features, findings = read(tmp_path)
    assert placed(features) == []
    (finding,) = findings.errors
    assert finding.code == "not_degrees"
    assert finding.where == {"csv": "row 2", "geojson": "features/0, geometry"}[kind]
    assert amount in finding.message
    assert "EPSG:4326" in finding.hint


def test_places_off_the_globe_beside_others_are_told_one_by_one(tmp_path):
    (tmp_path / "demand.csv").write_text("lon,lat\n319000,6399000\n319001,6399000\n319002,6399000\n11.9,57.7\n")
    features, findings = read(tmp_path)
    assert len(placed(features)) == 1
    assert codes(findings) == ["not_degrees"] * 3


def test_every_wrong_feature_is_told_with_what_would_be_right(tmp_path):
    def shape(kind, coordinates):
        return {"type": "Feature", "properties": {}, "geometry": {"type": kind, "coordinates": coordinates}}

    ring = [[0, 0], [1, 0], [1, 1], [0, 0]]
    wrong = [
        5,
        {"type": "Feature", "properties": []},
        {"type": "Feature", "properties": {"id": "x"}, "geometry": None},
        shape("Circle", [0, 0]),
        shape("Point", [0]),
        shape("Point", ["11.9", "57.7"]),
        shape("Point", [319_000, 6_399_000]),
        shape("Polygon", []),
        shape("Polygon", [ring[:3]]),
        shape("Polygon", [[*ring[:3], [0, 1]]]),
        shape("MultiPolygon", [[ring], 7]),
        shape("Polygon", [[[0, 0], [1, 0], [1, float("nan")], [0, 0]]]),
    ]
    write(tmp_path, "demand.geojson", *wrong, point(id="fine"))
    features, findings = read(tmp_path)
    assert [feature.values["id"] for feature in placed(features)] == ["fine"]
    assert codes(findings) == [
        *("not_a_feature", "not_a_feature", "geometry_missing", "geometry_kind", "coordinates", "coordinates"),
        *("not_degrees", "coordinates", "coordinates", "ring_open", "coordinates", "coordinates"),
    ]
    places = told(findings)
    assert places["demand.geojson: features/2 (id x), geometry"][0] == "geometry_missing"
    assert "EPSG:4326" in places["demand.geojson: features/6, geometry"][1]
    assert places["demand.geojson: features/9, geometry"][1] == "end with [0, 0]"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "not_json"),
        (b"\xff\xfe", "not_utf8"),
        (b"[]", "not_geojson"),
        (b'{"type": "Topology", "objects": {}}', "not_geojson"),
        (b'{"type": "FeatureCollection", "features": {}}', "not_geojson"),
        (b"null", "not_an_object"),
    ],
)
def test_a_file_that_is_no_geojson_says_so(tmp_path, content, code):
    (tmp_path / "demand.geojson").write_bytes(content)
    features, findings = read(tmp_path)
    assert features is None
    assert codes(findings) == [code]


def test_a_border_that_crosses_itself_is_mended_and_told(tmp_path):
    bow = [[EAST, NORTH], [EAST + 1, NORTH + 1], [EAST + 1, NORTH], [EAST, NORTH + 1], [EAST, NORTH]]
    tie = {"type": "Feature", "properties": {"id": "tie"}, "geometry": {"type": "Polygon", "coordinates": [bow]}}
    write(tmp_path, "demand.geojson", tie)
    (feature,), findings = read(tmp_path)
    assert codes(findings) == ["geometry_mended"]
    assert feature.geometry.is_valid
    assert feature.geometry.area == pytest.approx(0.5)


def test_a_table_is_read_with_any_separator_and_spelling(tmp_path):
    (tmp_path / "demand.csv").write_bytes("\ufeffID;Latitude;Lng;Pop\n7;57,7;11,97;12,5\n\n8;57,8;11,98;\n".encode())
    features, findings = read(tmp_path)
    assert findings.items == []
    assert [(feature.geometry.x, feature.geometry.y) for feature in features] == [(11.97, 57.7), (11.98, 57.8)]
    assert features[0].values["pop"] == "12,5"
    assert "pop" not in features[1].values
    assert features[1].where == "row 4"


def test_every_wrong_row_of_a_table_is_told(tmp_path):
    (tmp_path / "demand.csv").write_text("id,lon,lat\na,east,57\nb,11\nc,11,95\nd,,\ne,11,57\n")
    features, findings = read(tmp_path)
    assert [feature.values["id"] for feature in features] == ["a", "c", "d", "e"]
    assert [feature.values["id"] for feature in placed(features)] == ["e"]
    assert {place: code for place, (code, _) in told(findings).items()} == {
        "demand.csv: row 2, lon": "not_a_number",
        "demand.csv: row 3": "row_short",
        "demand.csv: row 4": "not_degrees",
        "demand.csv: row 5, lon": "not_a_number",
        "demand.csv: row 5, lat": "not_a_number",
    }


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (
            "id,lon,lat,weight\na,11.97,57.7,1,500\nb,11.98,57.7,900\n",
            "a number such as 1,500 in quotes, or ; between cells",
        ),
        (
            "id,lon,lat,weight,\na,11.97,57.7,1,500\nb,11.98,57.7,900\n",
            "a number such as 1,500 in quotes, or ; between cells",
        ),
        ("id;lon;lat;weight\na;11,97;57,7;1;;x\nb;11,98;57,7;900;;\n", "a cell that holds ; in quotes"),
    ],
)
def test_a_row_with_more_cells_than_the_header_is_refused_unless_they_are_empty(tmp_path, text, hint):
    (tmp_path / "demand.csv").write_text(text)
    features, findings = read(tmp_path)
    assert [feature.values["id"] for feature in features] == ["b"]
    (error,) = findings.errors
    assert (error.code, error.where) == ("row_long", "row 2")
    assert error.message == f"has {error.value} cells, the header has 4"
    assert error.hint == f"one cell for each column; {hint}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["table_empty"]),
        ("id,name\n1,a\n", ["column_missing", "column_missing"]),
        ("id,lon,lat,lat\n1,2,3,4\n", ["column_twice"]),
        ('id,lon,lat\n"1,2,3\n', ["table_broken"]),
    ],
)
def test_a_table_without_places_says_so(tmp_path, text, expected):
    (tmp_path / "demand.csv").write_text(text)
    features, findings = read(tmp_path)
    assert features is None
    assert codes(findings) == expected


def test_one_column_for_both_degrees_is_to_be_parted(tmp_path):
    (tmp_path / "chargers.csv").write_text('International_id,Position\nNOR_1,"(59.91,10.75)"\n')
    features, findings = read(tmp_path, "chargers")
    assert features is None
    assert [(item.code, item.hint) for item in findings.items] == [
        ("column_missing", "part position into lon and lat")
    ] * 2


def layer_of(*shapes, crs="EPSG:4326"):
    return geopandas.GeoDataFrame({"pop": range(1, len(shapes) + 1), "geometry": list(shapes)}, crs=crs)


SHAPES = (
    shapely.Point(EAST, NORTH),
    shapely.box(EAST, NORTH, EAST + 0.01, NORTH + 0.01),
    shapely.MultiPolygon([shapely.box(EAST, NORTH, EAST + 0.01, NORTH + 0.01)]),
    shapely.Point(EAST, NORTH, 5.0),
)


def test_a_geopackage_gives_what_was_written_into_it(tmp_path):
    layer_of(*SHAPES).to_file(tmp_path / "demand.gpkg", layer="zones", driver="GPKG")
    features, findings = read(tmp_path)
    assert findings.items == []
    assert [feature.geometry.equals(shape) for feature, shape in zip(features, SHAPES, strict=True)] == [True] * 4
    assert [feature.values["pop"] for feature in features] == [1, 2, 3, 4]
    assert features[1].where == "layer zones, row 2"


def test_of_several_layers_the_one_called_like_the_file_counts(tmp_path):
    for name in ("other", "more"):
        layer_of(SHAPES[0]).to_file(tmp_path / "demand.gpkg", layer=name, driver="GPKG")
    features, findings = read(tmp_path)
    assert features is None
    ((code, hint),) = told(findings).values()
    assert code == "layers"
    assert hint == "call one of them demand, or keep it alone: more, other"
    layer_of(*SHAPES[:2]).to_file(tmp_path / "demand.gpkg", layer="demand", driver="GPKG")
    assert len(read(tmp_path)[0]) == 2


def test_a_geopackage_in_another_reference_system_is_refused(tmp_path):
    layer_of(shapely.Point(319_000, 6_399_000), crs="EPSG:3006").to_file(tmp_path / "demand.gpkg", driver="GPKG")
    features, findings = read(tmp_path)
    assert features is None
    assert codes(findings) == ["crs"]
    assert findings.errors[0].value == "EPSG:3006"


@pytest.mark.parametrize("organization", ["NONE", "GDAL"])
def test_a_geopackage_that_names_no_reference_system_says_so(tmp_path, organization):
    layer_of(*SHAPES[:2]).to_file(tmp_path / "demand.gpkg", driver="GPKG")
    number = {"NONE": -1, "GDAL": 99999}[organization]
    with sqlite3.connect(tmp_path / "demand.gpkg") as database:
        database.execute(
            "UPDATE gpkg_spatial_ref_sys SET organization = ?, organization_coordsys_id = ? WHERE srs_id = 4326",
            (organization, number),
        )
    features, findings = read(tmp_path)
    assert features is None
    (error,) = findings.errors
    assert (error.code, error.where, error.message) == ("crs", "layer demand", "names no reference system")
    assert error.hint.startswith("name it where it is degrees: ogr2ogr -a_srs EPSG:4326 OUT.gpkg IN; else save it in")


def test_layers_of_a_geopackage_that_are_not_looked_at_are_told(tmp_path):
    for name in ("demand", "more", "other"):
        layer_of(*SHAPES[:2]).to_file(tmp_path / "demand.gpkg", layer=name, driver="GPKG")
    features, findings = read(tmp_path)
    assert len(features) == 2
    assert [(item.code, item.severity, item.where, item.message) for item in findings.items] == [
        ("layers", Severity.WARNING, "layer demand", "2 other layers are not looked at: more, other")
    ]


FLAT = {"type": "Polygon", "coordinates": [[[11.97, 57.7], [11.98, 57.7], [11.97, 57.7], [11.97, 57.7]]]}


def test_a_polygon_without_an_area_is_told_once_and_is_a_place_all_the_same(tmp_path):
    feature = {"type": "Feature", "properties": {"id": "a"}, "geometry": FLAT}
    for name in ("demand.geojson", "districts.geojson"):
        write(tmp_path, name, feature)
    (read_flat,), findings = read(tmp_path)
    assert point_of(read_flat.geometry) == pytest.approx((11.975, 57.7))
    read_districts(tmp_path, findings)
    assert [(item.source, item.code, item.message) for item in findings.items] == [
        ("districts.geojson", "not_a_polygon", "is a Polygon without an area")
    ]


@pytest.mark.parametrize(
    "blob",
    [
        None,
        b"",
        b"XX\x00\x01\x00\x00\x00\x00",
        b"GP\x00\x0b\x00\x00\x10\xe6" + bytes(60),  # an envelope of no known size
        b"GP\x00\x01\x0f\x27\x00\x00" + shapely.Point(1, 2).wkb,  # of another system
        b"GP\x00\x01\xe6\x10\x00\x00" + shapely.Point(1, 2).wkb[:-4],
        b"GP\x00\x01\xe6\x10\x00\x00" + shapely.Point().wkb,
        b"GP\x00\x01\xe6\x10\x00\x00" + shapely.Point(1, 200).wkb,
        "text",
    ],
)
def test_a_broken_geometry_is_told_with_its_row(tmp_path, blob):
    layer_of(*SHAPES[:2]).to_file(tmp_path / "demand.gpkg", driver="GPKG")
    with sqlite3.connect(tmp_path / "demand.gpkg") as database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE demand SET geom = ? WHERE fid = 2", (blob,))
    features, findings = read(tmp_path)
    assert len(placed(features)) == 1
    (finding,) = findings.errors
    assert (finding.code, finding.where) == ("geometry", "layer demand, row 2")


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\x00" + bytes(200)])
def test_a_file_that_is_no_geopackage_says_so(tmp_path, content):
    (tmp_path / "demand.gpkg").write_bytes(content)
    features, findings = read(tmp_path)
    assert features is None
    assert codes(findings) == ["not_geopackage"]


def test_a_geopackage_whose_tables_are_described_in_bytes_that_are_no_text_says_so(tmp_path):
    path = tmp_path / "demand.gpkg"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE gpkg_contents (table_name TEXT)")
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE", b"CREATE \xdfABLE"))
    features, findings = read(tmp_path)
    assert features is None
    assert codes(findings) == ["not_geopackage"]


def test_a_single_feature_will_do(tmp_path):
    (tmp_path / "demand.json").write_text(json.dumps(point(id="a")))
    (feature,), findings = read(tmp_path)
    assert feature.values["id"] == "a"
    assert findings.items == []
    (tmp_path / "demand.json").write_text(json.dumps({"type": "Feature", "features": [point(id="a")]}))
    features, findings = read(tmp_path)
    assert features is None
    assert codes(findings) == ["not_geojson"]
