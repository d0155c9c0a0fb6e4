"""Demand: whichever column counts, whatever shape it has; districts by containment; every error at once."""

from __future__ import annotations

import numpy as np
import pytest

from optimiser.basics.findings import Findings
from scenarios.siting.files.areas import read_districts
from scenarios.siting.files.demand import WEIGHTS, read_demand
from scenarios.siting.files.spread import MOST_POINTS, Corners
from tests.unit.network.osm_files import streets_of, way
from tests.unit.scenarios.siting.places import EAST, NORTH, SEGMENTS, assumed, codes, point, square, told, write


def read(folder, *, corners=None):
    findings, notes = Findings(), assumed()
    districts = read_districts(folder, findings)
    demand = read_demand(folder, findings, notes, segments=SEGMENTS, districts=districts, corners=corners)
    return demand, findings, list(notes.sentences)


def test_points_and_polygons_become_demand_points(tmp_path):
    points = [point(id="a", weight=5, segment="workers", district="north"), square(0, 0, 2, 1, weight="7,5")]
    write(tmp_path, "demand.geojson", *points)
    demand, findings, notes = read(tmp_path)
    assert findings.items == []
    assert notes == []
    a, b = demand.points
    assert (a.id, a.lon, a.lat, a.weight, a.segment, a.district) == ("a", EAST, NORTH, 5.0, "workers", "north")
    assert (b.id, b.weight, b.segment, b.district) == ("d2", 7.5, "residents", None)
    assert (b.lon, b.lat) == pytest.approx((EAST + 0.01, NORTH + 0.005))
    assert [district.id for district in demand.districts] == ["north"]


@pytest.mark.parametrize("column", WEIGHTS)
def test_every_spelling_of_a_weight_counts(tmp_path, column):
    (tmp_path / "demand.csv").write_text(f"id,lon,lat,{column.upper()}\na,11.97,57.7,3\n")
    demand, findings, notes = read(tmp_path)
    assert findings.items == []
    assert [(item.weight, item.segment) for item in demand.points] == [(3.0, WEIGHTS[column])]
    assert notes == ([] if column == "weight" else [f"demand: its weight is the {column} of demand.csv"])


@pytest.mark.parametrize("column", ["EWZ", "antall_personer", "pop_tot", "Bevölkerung", "vaesto_2024"])
def test_columns_of_residents_of_single_countries_count_before_those_of_others_and_are_told(tmp_path, column):
    (tmp_path / "demand.csv").write_text(f"id,lon,lat,jobs,{column}\na,11.97,57.7,9,3\n")
    demand, findings, notes = read(tmp_path)
    assert [(item.weight, item.segment) for item in demand.points] == [(3.0, "residents")]
    name = column.casefold()
    assert [item.message for item in findings.items] == [
        f"the number of people is taken from {name}; jobs is not looked at"
    ]
    assert notes == [f"demand: its weight is the {name} of demand.csv"]


def test_a_census_column_with_a_year_counts_the_latest_and_an_unknown_one_is_named(tmp_path):
    (tmp_path / "demand.csv").write_text("GRD_ID,lon,lat,TOT_P_2018,TOT_P_2021\nN1,11.97,57.7,3,4\n")
    demand, findings, notes = read(tmp_path)
    assert [item.weight for item in demand.points] == [4.0]
    assert codes(findings) == ["weight_choice"]
    assert notes == ["demand: its weight is the tot_p_2021 of demand.csv"]
    (tmp_path / "demand.csv").write_text("name,lon,lat,folk_2021,households_x\na,11.97,57.7,3,\nb,11.98,57.7,4,2\n")
    demand, findings, _ = read(tmp_path)
    assert [item.weight for item in demand.points] == [1.0, 1.0]
    (warning,) = findings.warnings
    assert warning.hint == "call the one that counts weight, of the columns with numbers: folk_2021, households_x"


@pytest.mark.parametrize(
    ("columns", "meant"),
    [
        ("weight,segmnt", [("segmnt", "segment")]),
        ("weight,distrct", [("distrct", "district")]),
        ("weight,weights", []),
        ("tot_p_2021,tot_p_2018", []),
        ("obs_value_t,obs_value_m", []),
        ("jobs,job_title", []),
    ],
)
def test_a_column_of_demand_that_is_spelled_nearly_as_a_known_one_is_told(tmp_path, columns, meant):
    (tmp_path / "demand.csv").write_text(f"id,lon,lat,{columns}\na,11.97,57.7,3,\nb,11.98,57.7,3,workers\n")
    _, findings, _ = read(tmp_path)
    told = [item for item in findings.items if item.code == "column_unknown"]
    assert [(item.value, item.hint) for item in told] == [(name, f"did you mean {guess}?") for name, guess in meant]


def test_a_misspelled_district_is_told_beside_columns_of_segments(tmp_path):
    (tmp_path / "demand.csv").write_text("id,lon,lat,population,populations,distrikt\na,11.97,57.7,3,9,east\n")
    findings = Findings()
    read_demand(tmp_path, findings, assumed(), segments=SEGMENTS, columns={"residents": "Population"})
    assert [(item.code, item.value) for item in findings.items] == [("column_unknown", "distrikt")]


def test_a_column_for_each_segment_makes_a_place_stand_for_all_of_them(tmp_path):
    (tmp_path / "demand.csv").write_text(
        "GRD_ID,lon,lat,Population,jobs\nN1,11.97,57.7,3,40\nN2,11.98,57.7,5,0\n,11.99,57.7,7,2\n"
    )
    findings, columns = Findings(), {"residents": "population", "workers": "Jobs"}
    demand = read_demand(tmp_path, findings, assumed(), segments=SEGMENTS, columns=columns)
    assert [(item.id, item.weight, item.segment) for item in demand.points] == [
        ("N1-residents", 3.0, "residents"),
        ("N2-residents", 5.0, "residents"),
        ("d3-residents", 7.0, "residents"),
        ("N1-workers", 40.0, "workers"),
        ("d3-workers", 2.0, "workers"),
    ]
    # N2 has no jobs, and five residents: that is nothing to be told.
    assert codes(findings) == []


def test_only_places_that_have_nobody_of_any_segment_are_told_and_each_once(tmp_path):
    (tmp_path / "demand.csv").write_text(
        "id,lon,lat,population,jobs\na,11.97,57.7,3,\nb,11.97,57.7,0,\nc,11.97,57.7,0,0\nd,11.97,57.7,,\n"
    )
    findings, columns, notes = Findings(), {"residents": "population", "workers": "jobs"}, assumed()
    demand = read_demand(tmp_path, findings, notes, segments=SEGMENTS, columns=columns)
    assert [item.id for item in demand.points] == ["a-residents"]
    assert [(item.code, item.message) for item in findings.items] == [
        ("weight_blank", "1 place says nothing under population, jobs, which is taken as nobody: d"),
        ("demand_empty", "2 places have nobody and are left out: b, c"),
    ]
    assert [*notes.sentences] == [
        "demand: 1 of 4 places say nothing under population: nobody of residents",
        "demand: 3 of 4 places say nothing under jobs: nobody of workers",
    ]


def test_a_column_that_is_not_there_or_has_no_number_is_told(tmp_path):
    (tmp_path / "demand.csv").write_text("id,lon,lat,population,jobs\na,11.97,57.7,,many\nb,11.98,57.7,4,1\n")
    findings, columns = Findings(), {"residents": "population", "workers": "jobs", "visitors": "job"}
    assert read_demand(tmp_path, findings, assumed(), segments=SEGMENTS, columns=columns) is None
    assert {(item.where, item.code) for item in findings.errors} == {
        ("", "column_missing"),
        ("row 2, jobs", "not_a_number"),
    }
    assert findings.errors[-2].hint == "did you mean jobs?"
    # Census grids leave cells blank where nobody is.
    assert findings.warnings == ()


def test_what_is_odd_is_told_and_settled(tmp_path):
    write(tmp_path, "demand.geojson", point(id="a", jobs=2, pop=3), point(id="b", pop=0), point(id="c", pop=4))
    demand, findings, _ = read(tmp_path)
    assert [(item.id, item.weight) for item in demand.points] == [("a", 3.0), ("c", 4.0)]
    assert codes(findings) == ["weight_choice", "demand_empty"]
    assert findings.warnings[1].message == "1 place has nobody and is left out: b"
    write(tmp_path, "demand.geojson", point(id="a"), point(id="b"))
    demand, findings, _ = read(tmp_path)
    assert [item.weight for item in demand.points] == [1.0, 1.0]
    assert codes(findings) == ["weight_assumed"]


def test_every_error_comes_at_once(tmp_path):
    write(tmp_path, "districts.geojson", square(-1, -1, 1, 1, id="middle"))
    line = {"type": "LineString", "coordinates": [[EAST, NORTH], [EAST, NORTH + 1]]}
    points = {"type": "MultiPoint", "coordinates": [[EAST, NORTH], [EAST, NORTH + 1]]}
    write(
        tmp_path,
        "demand.geojson",
        point(id="a", weight=-1),
        point(id="a", weight="many"),
        point(id="b"),
        point(id="c", weight=None, segment="resident", district="midle"),
        {"type": "Feature", "properties": {"id": "d", "weight": 1}, "geometry": line},
        {"type": "Feature", "properties": {"id": "e", "weight": 1}, "geometry": points},
        point(id="x" * 65, weight=True),
        point(id=["list"], weight=1e12),
    )
    demand, findings, _ = read(tmp_path)
    assert demand is None
    errors = Findings(list(findings.errors))
    assert told(errors) == {
        "demand.geojson: features/0 (id a), weight": ("out_of_range", "a number from 0 to 1,000,000,000"),
        "demand.geojson: features/1 (id a), id": (
            "duplicate_id",
            "each once, also for several segments; the first is features/0 (id a)",
        ),
        "demand.geojson: features/1 (id a), weight": ("not_a_number", "a number from 0 to 1,000,000,000"),
        "demand.geojson: features/2 (id b), weight": ("missing", "how many they are; 0 if nobody"),
        "demand.geojson: features/3 (id c), weight": ("missing", "how many they are; 0 if nobody"),
        "demand.geojson: features/3 (id c), segment": ("unknown_segment", "did you mean residents?"),
        "demand.geojson: features/3 (id c), district": ("unknown_district", "did you mean middle?"),
        "demand.geojson: features/5 (id e)": ("geometry_kind", "a Point or a Polygon for each row of demand"),
        f"demand.geojson: features/6 (id {'x' * 65}), id": ("too_long", "64 or fewer"),
        f"demand.geojson: features/6 (id {'x' * 65}), weight": ("not_a_number", "a number from 0 to 1,000,000,000"),
        "demand.geojson: features/7, id": ("not_a_text", "a text or a number"),
        "demand.geojson: features/7, weight": ("out_of_range", "a number from 0 to 1,000,000,000"),
    }


@pytest.mark.parametrize("content", [None, '{"type": "FeatureCollection", "features": []}'])
def test_without_demand_there_is_no_study(tmp_path, content):
    if content:
        (tmp_path / "demand.geojson").write_text(content)
    demand, findings, _ = read(tmp_path)
    assert demand is None
    assert codes(findings) == ["demand_missing"]
    assert "docs/city-folder.md" in findings.errors[0].hint


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Demand.CSV", "Demand.CSV is not read: call it demand.csv"),
        ("demand.shp", "demand.shp is not read: save it as one of .geojson, .json, .csv, .gpkg"),
        ("demand.csv/", "demand.csv is not read: it is a folder"),
    ],
)
def test_what_is_there_instead_of_demand_is_told(tmp_path, name, why):
    (tmp_path / "demand.prj").write_text("")
    if name.endswith("/"):
        (tmp_path / name).mkdir()
    else:
        (tmp_path / name).write_text("")
    _, findings, _ = read(tmp_path)
    assert [(item.code, item.message) for item in findings.items] == [("demand_missing", f"is missing; {why}")]


def test_a_file_that_holds_nothing_is_named(tmp_path):
    (tmp_path / "demand.csv").write_text("id,lon,lat,weight\n")
    _, findings, _ = read(tmp_path)
    assert [(item.source, item.message) for item in findings.items] == [("demand.csv", "holds nothing")]


@pytest.mark.parametrize(
    ("first", "second", "ids"), [({}, {"id": "d1"}, ["d3", "d1"]), ({"id": "d1"}, {}, ["d1", "d2"])]
)
def test_numbers_of_places_without_an_id_are_no_other_place_s(tmp_path, first, second, ids):
    write(tmp_path, "demand.geojson", point(weight=1, **first), point(1, weight=2, **second))
    demand, findings, _ = read(tmp_path)
    assert findings.items == []
    assert [item.id for item in demand.points] == ids
    write(tmp_path, "districts.geojson", square(-1, -1, 0.5, 1), square(0.5, -1, 2, 1, id=1))
    demand, findings, _ = read(tmp_path)
    assert findings.items == []
    assert [item.district for item in demand.points] == ["3", "1"]


def test_nobody_anywhere_is_no_demand(tmp_path):
    write(tmp_path, "demand.geojson", point(id="a", weight=0))
    demand, findings, _ = read(tmp_path)
    assert demand is None
    assert [item.code for item in findings.errors] == ["demand_missing"]


def test_a_demand_point_belongs_to_the_district_around_it(tmp_path):
    write(tmp_path, "districts.geojson", square(-2, -2, 0, 2, id="west", name="The West"), square(-1, -2, 2, 2, id=2))
    places = [point(-1.5, 0, id="w"), point(-0.5, 0, id="both"), point(1, 0, id="e"), point(9, 9, id="out")]
    write(tmp_path, "demand.geojson", *places, point(1, 0, id="said", district="west"))
    demand, findings, _ = read(tmp_path)
    assert [item.district for item in demand.points] == ["west", "west", "2", None, "west"]
    assert [(item.id, item.name) for item in demand.districts] == [("west", "The West"), ("2", "2")]
    assert codes(findings) == ["weight_assumed", "outside_districts", "districts_overlap"]
    assert findings.warnings[1].message == "1 demand point lies in no district: out"
    assert findings.warnings[2].message.endswith("counts for the first: both")


def test_districts_are_polygons_with_an_id_each(tmp_path):
    write(tmp_path, "districts.geojson", point(id="a"), square(0, 0, 1, 1, id="b"), square(1, 0, 2, 1, id="b"))
    findings = Findings()
    read_districts(tmp_path, findings)
    assert told(findings) == {
        "districts.geojson: features/0 (id a)": ("not_a_polygon", "a Polygon"),
        "districts.geojson: features/2 (id b), id": ("duplicate_id", "first: features/1 (id b)"),
    }


@pytest.fixture
def corners(tmp_path):
    """Street corners every 100 m over 2 km by 1 km, at the equator."""
    grid = {row * 100 + column: (column, row) for row in range(11) for column in range(21)}
    rows = [way(*(row * 100 + column for column in range(21))) for row in range(11)]
    columns = [way(*(row * 100 + column for row in range(11))) for column in range(21)]
    (tmp_path / "streets").mkdir()
    return Corners.of(streets_of(tmp_path / "streets", grid, *rows, *columns).graph)


def zone(width_m: float, height_m: float):
    ring = np.array([[0, 0], [width_m, 0], [width_m, height_m], [0, height_m], [0, 0]]) * 0.0008993 / 100 + 1e-7
    geometry = {"type": "Polygon", "coordinates": [ring.tolist()]}
    return {"type": "Feature", "properties": {"id": "zone", "pop": 600}, "geometry": geometry}


def test_a_wide_zone_starts_from_corners_in_it_with_equal_shares(tmp_path, corners):
    write(tmp_path, "demand.geojson", zone(1200, 800))
    demand, _, notes = read(tmp_path, corners=corners)
    # squares of 400 m: three by two
    assert [(item.id, item.weight) for item in demand.points] == [(f"zone/{n}", 100.0) for n in range(1, 7)]
    on_grid = np.array([(item.lon, item.lat) for item in demand.points]) / 0.0008993
    assert np.allclose(on_grid, np.round(on_grid), atol=0.01)
    assert ((on_grid > 0) & (on_grid <= [12, 8])).all()
    assert len({(x // 4, y // 4) for x, y in np.floor(on_grid - 0.01).tolist()}) == 6
    assert notes[-1] == "demand: 1 wide areas start from 6 street corners in them, with equal shares"


def test_a_small_zone_or_one_without_streets_starts_from_a_point_in_it(tmp_path, corners):
    for shape, given in ((zone(300, 300), corners), (zone(1200, 800), None)):
        write(tmp_path, "demand.geojson", shape)
        demand, _, _ = read(tmp_path, corners=given)
        assert [item.id for item in demand.points] == ["zone"]
    write(tmp_path, "demand.geojson", square(0, 0, 5, 5, id="elsewhere", pop=5))
    demand, _, _ = read(tmp_path, corners=corners)
    assert [item.id for item in demand.points] == ["elsewhere"]


def test_a_zone_starts_from_a_limited_number_of_points(tmp_path):
    east, north = (part.ravel() for part in np.meshgrid(np.arange(0, 0.2, 0.002), np.arange(0, 0.2, 0.002)))
    many = Corners(np.column_stack([east, north]), _tree(east, north))
    write(tmp_path, "demand.geojson", zone(22_000, 22_000))
    demand, _, _ = read(tmp_path, corners=many)
    assert MOST_POINTS / 2 < len(demand.points) <= 1.3 * MOST_POINTS
    assert sum(item.weight for item in demand.points) == pytest.approx(600)


def _tree(east, north):
    import shapely

    return shapely.STRtree(shapely.points(east, north).tolist())
