"""Whatever stands in a file of places, it is read or told as a finding; nothing else is ever raised."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings
from scenarios.siting.files.areas import read_districts, read_excluded
from scenarios.siting.files.demand import read_demand
from scenarios.siting.files.grid import read_grid
from scenarios.siting.files.sites import read_sites
from tests.unit.scenarios.siting.places import SEGMENTS, around, assumed, point, square

NUMBERS = st.one_of(st.integers(-200, 200), st.floats(-200, 200), st.sampled_from([1e308, float("nan"), float("inf")]))
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, st.integers(), st.floats(), st.text(max_size=8))
NAMES = st.sampled_from(
    [
        *("id", "name", "weight", "pop", "segment", "district", "kinds", "open_cost", "max_plugs", "grid_node", "ac22"),
        *("hosting_kw", "capacity", "socket:type2", "socket:type2:output", "access", "upgrade_kw", "upgrade_cost"),
    ]
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
)
POSITIONS = st.one_of(st.lists(NUMBERS, min_size=2, max_size=3), JSON)
KINDS = st.sampled_from(["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "Circle"])
RINGS = st.lists(POSITIONS, max_size=5).map(lambda ring: ring + ring[:1])
POLYGONS = st.lists(RINGS, max_size=2)
COORDINATES = st.one_of(POSITIONS, RINGS, POLYGONS, st.lists(POLYGONS, max_size=2))
GEOMETRIES = st.one_of(st.fixed_dictionaries({"type": KINDS, "coordinates": COORDINATES}), JSON)
FEATURES = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("Feature"), "properties": st.dictionaries(NAMES, JSON, max_size=5), "geometry": GEOMETRIES}
    ),
    st.builds(lambda properties: point(**properties), st.dictionaries(NAMES, JSON, max_size=5)),
    st.builds(lambda properties: square(-1, -1, 1, 1, **properties), st.dictionaries(NAMES, JSON, max_size=5)),
    JSON,
)
DOCUMENTS = st.one_of(
    st.fixed_dictionaries({"features": st.lists(FEATURES, max_size=5)}, optional={"crs": JSON}), FEATURES
)
STEMS = ("demand", "districts", "grid", "candidates", "chargers", "excluded")


def read_all(folder: Path) -> None:
    """Everything that a study reads; InvalidInput where something is wrong."""
    findings = Findings()
    districts = read_districts(folder, findings)
    demand = read_demand(folder, findings, assumed(), segments=SEGMENTS, districts=districts)
    given_around = around(
        districts=districts,
        excluded=read_excluded(folder, findings),
        grid=read_grid(folder, findings),
        demand=demand.points if demand else (),
    )
    sites = read_sites(folder, None, given_around, findings, assumed()).sites
    for finding in findings.items:
        assert str(finding).encode("utf-8", "strict") or finding.source
    findings.raise_errors("places")
    assert demand is not None
    assert sites is not None
    assert all(item.weight > 0 for item in demand.points)


def try_to_read(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as name:
        for file, content in files.items():
            (Path(name) / file).write_bytes(content)
        with suppress(InvalidInput):
            read_all(Path(name))


@settings(deadline=None, max_examples=300)
@given(st.fixed_dictionaries({"demand": DOCUMENTS}, optional=dict.fromkeys(STEMS[1:], DOCUMENTS)))
@example({"demand": {"features": [{**point(), "properties": {"id": "\ud800"}}]}})
def test_random_geojson_is_read_or_refused(documents):
    try_to_read({f"{stem}.geojson": json.dumps(document).encode() for stem, document in documents.items()})


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(STEMS), st.integers(0, 400), st.binary(max_size=4))
def test_torn_and_altered_files_are_read_or_refused(stem, at, bytes_):
    features = [point(id="a", weight=1), square(0, 0, 1, 1)]
    whole = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    altered = whole[:at] + bytes_ + whole[at + len(bytes_) :]
    fine = {f"{name}.geojson": whole for name in STEMS}
    try_to_read({**fine, f"{stem}.geojson": altered})
    try_to_read({**fine, f"{stem}.geojson": whole[:at]})


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet='id,lonatwegh;\t\n"0123456789.-é', max_size=200))
def test_random_tables_are_read_or_refused(text):
    try_to_read({"demand.csv": f"id,lon,lat,weight\n{text}".encode(), "grid.csv": text.encode()})


BLOBS = st.binary(max_size=60)
GEOMETRY_BLOBS = BLOBS.map(lambda tail: b"GP\x00\x01\xe6\x10\x00\x00" + tail)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.one_of(st.none(), BLOBS, GEOMETRY_BLOBS)))
def test_random_geometries_of_a_geopackage_are_read_or_refused(blobs):
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "demand.gpkg"
        with closing(sqlite3.connect(path)) as database:
            database.executescript(
                """
                CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT);
                CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INTEGER);
                CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER, organization TEXT, organization_coordsys_id INTEGER);
                INSERT INTO gpkg_contents VALUES ('my zones', 'features');
                INSERT INTO gpkg_geometry_columns VALUES ('my zones', 'geom', 4326);
                INSERT INTO gpkg_spatial_ref_sys VALUES (4326, 'EPSG', 4326);
                CREATE TABLE "my zones" (fid INTEGER PRIMARY KEY, geom BLOB, weight REAL);
                """
            )
            database.executemany('INSERT INTO "my zones" (geom, weight) VALUES (?, 1)', [(blob,) for blob in blobs])
            database.commit()
        content = path.read_bytes()
    try_to_read({"demand.gpkg": content})
