"""From a folder to a problem: who reaches what by hand, and what does not fit together is told."""

import json
from dataclasses import replace

import numpy as np
import pytest
import shapely

from optimiser.basics.errors import InvalidInput
from optimiser.basics.limits import SolveLimits
from optimiser.reporting.siting_outlines import Outlines
from optimiser.siting.cost import total_cost
from optimiser.siting.solve import solve
from scenarios.siting.changes import ChangesModel
from scenarios.siting.inspection import inspect_siting
from scenarios.siting.loader import load_study
from scenarios.siting.study import state_study
from tests.siting_folders import HEAD, PEOPLE, PLACES, SIMPLE, write_folder

BORDER = [[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]
DISTRICT = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"id": "north"},
            "geometry": {"type": "Polygon", "coordinates": [BORDER]},
        }
    ],
}
"""Around everything."""
AROUND_X = {
    "type": "Feature",
    "properties": {"name": "park"},
    "geometry": {"type": "Polygon", "coordinates": [[[x * 0.002, y * 0.002] for x, y in BORDER]]},
}
"""Up to the first of `PLACES`, and not to the second."""


def state(folder, changes=None):
    loaded = load_study(folder, changes)
    return loaded, state_study(loaded.inputs, loaded.travel_of, loaded.city.assumed)


def errors_of(folder, changes=None):
    with pytest.raises(InvalidInput) as raised:
        state(folder, changes)
    return {(finding.source, finding.where): finding for finding in raised.value.findings}


def pairs_of(problem):
    """Site, seconds and metres of each demand point."""
    access = problem.access
    return {
        point.id: [
            (problem.sites[access.site[pair]].id, int(access.travel_s[pair]), int(access.length_m[pair]))
            for pair in range(access.first[row], access.first[row + 1])
        ]
        for row, point in enumerate(problem.demand)
    }


def test_pairs_are_those_within_the_reach_of_each_segment(tmp_path):
    # One step is 111.195 m: 84 s on foot at 4.8 km/h (83.4 rounded up); two are 167 s.
    _, stated = state(write_folder(tmp_path, demand=PEOPLE, candidates=PLACES))
    assert pairs_of(stated.problem) == {"a": [("x", 84, 111)], "b": [("y", 84, 111)]}
    _, stated = state(
        write_folder(tmp_path, SIMPLE.replace("reach_s = 100", "reach_s = 170"), demand=PEOPLE, candidates=PLACES)
    )
    assert pairs_of(stated.problem) == {"a": [("x", 84, 111)], "b": [("x", 167, 222), ("y", 84, 111)]}


def test_pairs_beyond_the_reach_are_kept_beside_the_study_where_they_are_asked_for(tmp_path):
    loaded = load_study(write_folder(tmp_path, demand=PEOPLE, candidates=PLACES))
    plain = state_study(loaded.inputs, loaded.travel_of, loaded.city.assumed)
    wide = state_study(loaded.inputs, loaded.travel_of, loaded.city.assumed, widen=1.67)
    assert plain.wide is None
    # The study is the same; b is 167 s from x, which 1.67 times 100 s reaches.
    assert wide.problem.input_hash == plain.problem.input_hash
    assert wide.wide is not None
    assert pairs_of(replace(wide.problem, access=wide.wide)) == {
        "a": [("x", 84, 111)],
        "b": [("x", 167, 222), ("y", 84, 111)],
    }


def test_each_segment_goes_its_own_way_and_rows_stay_in_order(tmp_path):
    toml = SIMPLE.replace(
        "sessions_per_day = 0}]",
        'sessions_per_day = 0}, {id = "cars", kinds = ["ac11"], profile = "drive", reach_s = 30}]',
    )
    demand = [
        {"id": "car", "at": 0, "weight": 1, "segment": "cars"},
        {"id": "a", "at": 3, "weight": 2, "segment": "residents"},
    ]
    _, stated = state(write_folder(tmp_path, toml, demand=demand, candidates=PLACES))
    # By car at 48 km/h a step is 8.3 s, rounded up; 4 steps are 33.4 s, out of reach.
    assert pairs_of(stated.problem) == {"car": [("x", 9, 111)], "a": [("y", 84, 111)]}
    assert "48" in stated.travel
    assert "4.8" in stated.travel


def test_demand_without_a_site_is_told_with_people_and_the_way_to_the_nearest(tmp_path):
    demand = [*PEOPLE, {"id": "far", "at": 7, "weight": 50}]
    _, stated = state(write_folder(tmp_path, demand=demand, candidates=PLACES))
    assert stated.conflicts == ()
    (warning,) = stated.warnings
    # Three steps, 333.585 m at 4/3 m/s.
    assert warning.code == "no_site_in_reach"
    assert "1 of 3 demand points of segment residents (50 of 100 people)" in warning.message
    assert "the nearest is 251 s away: far" in warning.message


def test_where_nobody_has_a_site_the_reach_is_a_wish_that_gives_way(tmp_path):
    toml = SIMPLE.replace("reach_s = 100", "reach_s = 10")
    _, stated = state(write_folder(tmp_path, toml, demand=PEOPLE, candidates=PLACES))
    (conflict,) = stated.conflicts
    assert (conflict.rule, conflict.ids, conflict.asked, conflict.possible) == ("reach", ("residents",), 10, 84)
    assert conflict.is_proven
    assert len(stated.problem.access.site) == 0
    # The wish that is proposed is enough.
    _, stated = state(
        write_folder(tmp_path, SIMPLE.replace("reach_s = 100", "reach_s = 84"), demand=PEOPLE, candidates=PLACES)
    )
    assert stated.conflicts == ()
    assert np.diff(stated.problem.access.first).tolist() == [1, 1]


def test_names_that_lead_nowhere_come_at_once(tmp_path):
    toml = (
        SIMPLE
        + """
force = ["x", "yy"]
ban = ["z"]
floors = {north = 0.5}
scenarios = [{name = "s", probability = 1, by_district = {south = 2}}]
"""
    )
    found = errors_of(write_folder(tmp_path, toml, demand=PEOPLE, candidates=PLACES))
    assert {where: (finding.code, finding.value) for (_, where), finding in found.items()} == {
        "siting.force": ("unknown_site", "yy"),
        "siting.ban": ("unknown_site", "z"),
        "siting.floors": ("unknown_district", "north"),
        "siting.scenarios[0].by_district": ("unknown_district", "south"),
    }
    assert found["city.toml", "siting.force"].hint == "did you mean y?"


@pytest.mark.parametrize("wish", ["force", "ban"])
def test_a_site_in_an_excluded_area_that_wishes_name_is_known(tmp_path, wish):
    toml = SIMPLE.replace("[siting]", f'[siting]\n{wish} = ["x"]')
    folder = write_folder(tmp_path, toml, demand=PEOPLE, candidates=PLACES)
    (folder / "excluded.geojson").write_text(json.dumps(AROUND_X))
    loaded, stated = state(folder)
    assert [(site.id, sorted(site.kinds), site.excluded) for site in stated.problem.sites] == [
        ("x", [], "park"),
        ("y", ["ac11"], None),
    ]
    assert [finding.code for finding in loaded.warnings] == ["site_excluded"]


def test_a_floor_asks_for_districts_that_leave_nobody_out(tmp_path):
    demand = [{**PEOPLE[0], "district": "north"}, PEOPLE[1]]
    folder = write_folder(tmp_path, demand=demand, candidates=PLACES)
    found = errors_of(folder, ChangesModel(floor=0.5))
    assert "1 demand point with 20 people is in no district: b" in found["wishes", "floor"].message
    _, stated = state(folder)
    assert stated.warnings == ()
    _, stated = state(write_folder(tmp_path, SIMPLE + "floors = {north = 0.5}", demand=demand, candidates=PLACES))
    assert [(warning.code, warning.where) for warning in stated.warnings] == [("outside_districts", "siting.floors")]
    demand = [{**point, "district": "north"} for point in PEOPLE]
    _, stated = state(write_folder(tmp_path, demand=demand, candidates=PLACES), ChangesModel(floor=0.5))
    assert stated.problem.floor_of("north") == 0.5


def test_a_floor_for_a_district_where_nobody_is_asks_for_nothing(tmp_path):
    demand = [{**PEOPLE[0], "district": "north"}, {**PEOPLE[1], "district": "south", "weight": 0}]
    _, stated = state(write_folder(tmp_path, SIMPLE + "floors = {south = 0.5}", demand=demand, candidates=PLACES))
    told = {warning.code: warning.message for warning in stated.warnings}
    assert (
        told["district_empty"]
        == "1 district has a floor and nobody in it, so that nothing is asked for there: south (50%)"
    )


def test_a_grid_node_with_more_chargers_than_it_hosts_is_told(tmp_path):
    folder = write_folder(tmp_path, demand=PEOPLE, candidates=PLACES)
    # Two plugs of 11 kW, six tenths of which the grid holds ready: 13.2 kW.
    (folder / "chargers.csv").write_text("id,lon,lat,ac11\nc,0,0,2\n")
    for hosting_kw, told in ((13.2, []), (13, ["grid nodes hold more already than they host: T (13.2 of 13.0 kW)"])):
        (folder / "grid.csv").write_text(f"id,lon,lat,hosting_kw\nT,0,0,{hosting_kw}\n")
        _, stated = state(folder)
        assert [warning.message for warning in stated.warnings if warning.code == "grid_full"] == told


def test_a_segment_that_nobody_knows_is_told_with_its_row(tmp_path):
    demand = [{**PEOPLE[0], "segment": "resident"}, PEOPLE[1]]
    found = errors_of(write_folder(tmp_path, demand=demand, candidates=PLACES))
    (finding,) = found.values()
    assert (finding.source, finding.value) == ("demand.csv", "resident")
    assert finding.hint == "did you mean residents?"


def test_what_is_wrong_with_city_toml_and_with_demand_comes_at_once(tmp_path):
    demand = [{**PEOPLE[0], "weight": -1}, PEOPLE[1]]
    found = errors_of(write_folder(tmp_path, SIMPLE + "florr = 1", demand=demand, candidates=PLACES))
    assert ("city.toml", "siting.florr") in found
    assert any(source == "demand.csv" for source, _ in found)


@pytest.mark.parametrize("wrong", ["", "florr = 1"])
def test_what_is_wrong_with_sites_comes_beside_demand_that_cannot_be_read(tmp_path, wrong):
    demand = [{**PEOPLE[0], "weight": -1}, PEOPLE[1]]
    places = [{**PLACES[0], "kinds": "ac1"}, {**PLACES[1], "district": "nort"}, {**PLACES[1], "kinds": "ac11"}]
    folder = write_folder(tmp_path, SIMPLE + wrong, demand=demand, candidates=places)
    (folder / "districts.geojson").write_text(json.dumps(DISTRICT))
    (folder / "chargers.csv").write_text("id,lon,lat,ac11\nc,0,0,-2\n")
    found = {(item.source, item.where, item.code) for item in errors_of(folder).values() if item.source != "city.toml"}
    assert found == {
        ("demand.csv", "row 2, weight", "out_of_range"),
        ("candidates.csv", "row 2, kinds", "unknown_kind"),
        ("candidates.csv", "row 3, district", "unknown_district"),
        ("candidates.csv", "row 4, id", "duplicate_id"),
        ("chargers.csv", "row 2, ac11", "out_of_range"),
    }


def test_wishes_that_lead_nowhere_come_beside_demand_that_cannot_be_read(tmp_path):
    demand = [{**PEOPLE[0], "weight": -1}, PEOPLE[1]]
    toml = SIMPLE + 'force = ["z"]\nfloors = {south = 0.5}\n'
    folder = write_folder(tmp_path, toml, demand=demand, candidates=PLACES)
    (folder / "districts.geojson").write_text(json.dumps(DISTRICT))
    found = errors_of(folder, ChangesModel(ban=["w"]))
    assert {(source, where) for source, where in found} == {
        ("demand.csv", "row 2, weight"),
        ("city.toml", "siting.force"),
        ("city.toml", "siting.floors"),
        ("wishes", "ban"),
    }
    # Without districts of a file nobody knows which ones demand would have named.
    (folder / "districts.geojson").unlink()
    assert set(errors_of(folder)) == {("demand.csv", "row 2, weight")}


def test_a_floor_of_its_own_for_a_district_with_nobody_in_it_is_told(tmp_path):
    folder = write_folder(tmp_path, f"{SIMPLE}floors = {{sea = 0.5, north = 0.1}}\n", demand=PEOPLE, candidates=PLACES)
    ring = [[1.5, 0], [2, 0], [2, 1], [1.5, 0]]
    sea = {"type": "Feature", "properties": {"id": "sea"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    features = [sea, *DISTRICT["features"]]
    (folder / "districts.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    _, stated = state(folder)
    (told,) = (item for item in stated.warnings if item.code == "district_empty")
    assert (told.source, told.where, told.value) == ("city.toml", "siting.floors", 1)
    assert told.message == "1 district has a floor and nobody in it, so that nothing is asked for there: sea (50%)"


def test_names_that_lead_nowhere_come_beside_errors_of_the_places_that_are_named(tmp_path):
    wishes = 'force = ["x", "xx"]\nban = ["zz"]\n'
    wrong = "id,lon,lat,open_cost\nx,0,0,-9\ny,nowhere,0,5\n"
    folder = write_folder(tmp_path, SIMPLE + wishes, demand=PEOPLE, candidates=PLACES)
    (folder / "candidates.csv").write_text(wrong)
    expected = {
        "row 2, open_cost": "out_of_range",
        "row 3, lon": "not_a_number",
        "siting.force": "unknown_site",
        "siting.ban": "unknown_site",
    }
    assert {where: error.code for (_, where), error in errors_of(folder).items()} == expected
    # The same beside errors of city.toml, where chargers of the streets are not asked for.
    (folder / "chargers.csv").write_text("id,lon,lat,ac11\nc,0,0,1\n")
    (folder / "city.toml").write_text((folder / "city.toml").read_text() + "spacing_m = -1\n")
    told = {where: error.code for (_, where), error in errors_of(folder).items()}
    assert told == {**expected, "siting.spacing_m": "greater_than_equal"}
    # A row that cannot be read may be the one that is named.
    (folder / "candidates.csv").write_text(wrong + "xx,0\n")
    assert "siting.force" not in {where for _, where in errors_of(folder)}


def test_names_that_lead_nowhere_come_beside_errors_of_city_toml(tmp_path):
    wrong = """
spacing_m = -1
force = ["xx", "y"]
ban = ["zz"]
floors = {nord = 0.2}
scenarios = [{name = "dry", probability = 1.0, by_district = {south = 2.0}}]
"""
    folder = write_folder(tmp_path, SIMPLE + wrong, demand=PEOPLE, candidates=PLACES)
    (folder / "chargers.csv").write_text("id,lon,lat,ac11\nc,0,0,1\n")
    (folder / "districts.geojson").write_text(json.dumps(DISTRICT))
    assert {where: error.code for (_, where), error in errors_of(folder).items()} == {
        "siting.spacing_m": "greater_than_equal",
        "siting.force": "unknown_site",
        "siting.ban": "unknown_site",
        "siting.floors": "unknown_district",
        "siting.scenarios[0].by_district": "unknown_district",
    }
    # Without a file of chargers there may be some in the streets.
    (folder / "chargers.csv").unlink()
    assert {where for _, where in errors_of(folder)} == {
        "siting.spacing_m",
        "siting.floors",
        "siting.scenarios[0].by_district",
    }


def test_districts_that_are_unknown_come_beside_sites_that_cannot_be_read(tmp_path):
    folder = write_folder(
        tmp_path,
        SIMPLE + "floors = {nord = 0.2}\n",
        demand=PEOPLE,
        candidates=[{**PLACES[0], "open_cost": "x"}],
    )
    (folder / "districts.geojson").write_text(json.dumps(DISTRICT))
    assert {error.code for error in errors_of(folder).values()} == {"not_a_number", "unknown_district"}


@pytest.mark.parametrize("wrong", ["", 'spacing_m = "far"\n'])
def test_where_districts_cannot_be_read_nobody_says_that_there_are_none(tmp_path, wrong):
    wishes = f"floor = 0.1\nfloors = {{nord = 0.2}}\n{wrong}"
    folder = write_folder(tmp_path, SIMPLE + wishes, demand=PEOPLE, candidates=PLACES)
    (folder / "districts.geojson").write_text("")
    assert "unknown_district" not in {error.code for error in errors_of(folder).values()}
    assert {where for where, _ in errors_of(folder)} == {"districts.geojson", *(["city.toml"] if wrong else [])}
    # One that holds no district says that there are none.
    (folder / "districts.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    assert "unknown_district" in {error.code for error in errors_of(folder).values()}


def test_the_check_of_a_city_tells_misspelled_columns_beside_errors(tmp_path):
    folder = write_folder(tmp_path, demand=PEOPLE, candidates=[{**PLACES[0], "maxplugs": 3, "open_cost": "x"}])
    (folder / "grid.csv").write_text("id,lon,lat,hosting_kws\nT,0,0,5\n")
    assert {(item.code, item.hint) for item in inspect_siting(folder)} == {
        ("not_a_number", "a number from 0 to 1,000,000,000,000"),
        ("hosting_missing", "is hosting_kws meant?"),
        ("column_unknown", "did you mean max_plugs?"),
        ("column_unknown", "did you mean hosting_kw?"),
    }


def test_prices_of_sites_are_not_assumed_in_another_currency(tmp_path):
    head = HEAD.replace("EUR", "NOK")
    toml = SIMPLE.replace("sources = {upload = {open_cost = 90}}", "")
    found = errors_of(write_folder(tmp_path, toml, head=head, demand=PEOPLE, candidates=PLACES))
    assert found["city.toml", "siting.sources"].code == "prices_in_euros"
    assert state(write_folder(tmp_path, SIMPLE, head=head, demand=PEOPLE, candidates=PLACES))
    # Those of chargers and those of sites are told together.
    neither = toml.replace(", plug_cost = 10", "")
    found = errors_of(write_folder(tmp_path, neither, head=head, demand=PEOPLE, candidates=PLACES))
    assert {where: item.code for (_, where), item in found.items()} == {
        "siting": "prices_in_euros",
        "siting.sources": "prices_in_euros",
    }


@pytest.mark.parametrize(("reach_s", "is_told"), [(100, True), (300, False)])
def test_full_value_shrinks_to_a_shorter_reach_and_that_is_told(tmp_path, reach_s, is_told):
    toml = SIMPLE.replace("reach_s = 100", f"reach_s = {reach_s}")
    loaded, stated = state(write_folder(tmp_path, toml, demand=PEOPLE, candidates=PLACES))
    assert [segment.full_s for segment in stated.problem.segments] == [min(300, reach_s)]
    told = "segment residents: full value all the way, as its reach_s is less than the usual full_s of 300 s"
    assert (told in loaded.city.assumed.sentences) is is_told


def test_of_a_city_file_that_cannot_be_read_nothing_is_told_that_hangs_on_it(tmp_path):
    rows = [{**row, "population": row["weight"], "jobs": 3, "weight": ""} for row in PEOPLE]
    folder = write_folder(tmp_path, SIMPLE + "[siting", demand=rows, candidates=[{**PLACES[0], "kinds": "ours"}])
    with pytest.raises(InvalidInput) as raised:
        load_study(folder)
    assert [item.code for item in raised.value.findings] == ["not_toml"]
    assert not raised.value.warnings
    (folder / "city.toml").write_text(HEAD + SIMPLE)
    with pytest.raises(InvalidInput) as raised:
        load_study(folder)
    assert [item.code for item in raised.value.findings] == ["unknown_kind"]
    assert "weight_choice" in {item.code for item in raised.value.warnings}


def test_a_folder_without_anything_but_streets_and_demand_makes_a_study(tmp_path):
    folder = write_folder(tmp_path, "", demand=PEOPLE, candidates=PLACES)
    (folder / "candidates.csv").unlink()
    loaded, stated = state(folder)
    assert stated.problem.sites
    assert stated.problem.wishes.max_new_sites == 10
    told = " ".join(loaded.city.assumed.sentences)
    for word in ("charger kind ac11", "segment residents", "sites taken from", "max_new_sites"):
        assert word in told


def test_outlines_are_those_that_the_files_tell(tmp_path):
    folder = write_folder(tmp_path / "town", demand=PEOPLE, candidates=PLACES)
    assert load_study(folder).inputs.outlines == Outlines()
    supplied = {**AROUND_X, "properties": {"id": "S", "hosting_kw": 10}}
    point = {"type": "Point", "coordinates": [0.002, 0.001]}
    transformer = {"type": "Feature", "properties": {"id": "T", "hosting_kw": 10}, "geometry": point}
    for name, features in (
        ("districts", DISTRICT["features"]),
        ("excluded", [AROUND_X, AROUND_X]),
        ("grid", [transformer, supplied]),
    ):
        (folder / f"{name}.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    told = load_study(folder).inputs.outlines
    north, park = shapely.box(-1, -1, 1, 1), shapely.box(-0.002, -0.002, 0.002, 0.002)
    assert {id_: area.equals(north) for id_, area in told.districts.items()} == {"north": True}
    assert [(name, area.equals(park)) for name, area in told.excluded] == [("park", True)] * 2
    assert told.grid_nodes["T"] == (0.002, 0.001)
    assert shapely.Point(told.grid_nodes["S"]).within(park)


def test_districts_that_are_only_named_have_no_outline(tmp_path):
    people = [{**row, "district": "west"} for row in PEOPLE]
    inputs = load_study(write_folder(tmp_path / "town", demand=people, candidates=PLACES)).inputs
    assert [district.id for district in inputs.districts] == ["west"]
    assert inputs.outlines == Outlines()


def test_districts_that_sites_alone_name_are_there_and_nobody_is_in_them(tmp_path):
    people = [{**row, "district": "west"} for row in PEOPLE]
    places = [
        {**PLACES[0], "district": "wets"},
        {**PLACES[1], "district": "mid"},
        {"id": "z", "at": 6, "district": "mid"},
    ]
    toml = SIMPLE + 'floors = {mid = 0.5}\nscenarios = [{name = "s", probability = 1, by_district = {wets = 2}}]\n'
    loaded, stated = state(write_folder(tmp_path / "town", toml, demand=people, candidates=places))
    assert [district.id for district in stated.problem.districts] == ["west", "wets", "mid"]
    assert [site.district for site in stated.problem.sites] == ["wets", "mid", "mid"]
    alone = "is named by sites alone and has nobody in it"
    assert [(item.code, item.source, item.where, item.message, item.hint) for item in loaded.warnings] == [
        ("district_empty", "candidates.csv", "row 2", f"district wets {alone}", "did you mean west?"),
        ("district_empty", "candidates.csv", "row 3", f"district mid {alone}", "demand is in west"),
    ]
    floors = [(item.code, item.where) for item in stated.warnings if item.source == "city.toml"]
    assert floors == [("district_empty", "siting.floors")]
    # Also where the city cannot be read, names that only sites give are none that lead nowhere.
    wrong = errors_of(write_folder(tmp_path / "town", toml + "florr = 1\n", demand=people, candidates=places))
    assert [*wrong] == [("city.toml", "siting.florr")]


def test_growth_of_people_who_are_not_there_is_left_out_and_told(tmp_path):
    toml = SIMPLE + (
        'phases = [{name = "p", growth = {residents = 2, workers = 3}}]\n'
        'scenarios = [{name = "s", probability = 1, by_segment = {visitors = 2, workers = 0.5, residents = 1}}]\n'
    )
    loaded, stated = state(write_folder(tmp_path, toml, demand=PEOPLE, candidates=PLACES))
    assert stated.problem.wishes.phases[0].growth == {"residents": 2}
    assert stated.problem.wishes.scenarios[0].by_segment == {"residents": 1}
    hint = "demand is of residents; give theirs, or in [[siting.segments]] the column that counts them"
    assert [(item.code, item.source, item.where, item.value, item.hint) for item in loaded.warnings] == [
        ("segment_without_demand", "city.toml", "siting.phases[0].growth", ["workers"], hint),
        ("segment_without_demand", "city.toml", "siting.scenarios[0].by_segment", ["visitors", "workers"], hint),
    ]
    # With somebody of them everything holds.
    people = [*PEOPLE, *({"id": id_, "at": 0, "weight": 1, "segment": id_} for id_ in ("workers", "visitors"))]
    toml = toml.replace('"ac11", plug_cost = 10', '"ac22", plug_cost = 10')
    assert load_study(write_folder(tmp_path, toml, demand=people, candidates=PLACES)).warnings == ()


def test_what_is_said_of_a_source_that_no_site_has_is_told(tmp_path):
    names = ("fuel", "ours", "Parkhaus", "theirs")
    said = ", ".join(f"{name} = {{open_cost = 1}}" for name in names)
    toml = SIMPLE.replace("upload = {open_cost = 90}", said)
    places = [{**PLACES[0], "source": "ours"}, {**PLACES[1], "source": "Parkhouse"}]
    write_folder(tmp_path, toml, demand=PEOPLE, candidates=places)
    told = [item for item in load_study(tmp_path).warnings if item.code == "source_unknown"]
    assert [(item.source, item.where, item.value, item.hint) for item in told] == [
        ("candidates.csv", "", "Parkhouse", "did you mean Parkhaus?"),
        ("city.toml", "siting.sources.Parkhaus", "Parkhaus", "did you mean Parkhouse?"),
        ("city.toml", "siting.sources.theirs", "theirs", "sources of this study are ours, Parkhouse"),
    ]
    # Also where the city cannot be read, what it says of sources is known.
    write_folder(tmp_path, toml + "[siting.florr]\n", demand=PEOPLE, candidates=places[:1])
    with pytest.raises(InvalidInput) as raised:
        load_study(tmp_path)
    assert [item.code for item in raised.value.warnings] == []


@pytest.mark.parametrize(("own", "cost"), [("", 80.0), ("0", 10.0)])
def test_adding_to_a_charger_that_stands_costs_its_opening_and_floors_may_be_inline(tmp_path, own, cost):
    toml = SIMPLE.replace("[siting]", '[siting]\nfloors = {west = 0.5}\nforce = ["s"]').replace(
        "sources = {", "sources = {existing = {open_cost = 70}, "
    )
    people = [{"id": "a", "at": 0, "weight": 30, "district": "west"}]
    folder = write_folder(tmp_path / "town", toml, demand=people, candidates=[{"id": "x", "at": 5}])
    (folder / "chargers.csv").write_text(f"id,lon,lat,ac11,open_cost\ns,0,0,1,{own}\n")
    loaded = load_study(folder)
    problem = state_study(loaded.inputs, loaded.travel_of, loaded.city.assumed).problem
    assert dict(problem.wishes.floors) == {"west": 0.5}
    result = solve(problem, SolveLimits(seconds=1))
    # A plug for 10.
    assert total_cost(problem, result.plan) == cost
