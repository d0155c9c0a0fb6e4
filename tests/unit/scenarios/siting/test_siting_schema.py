"""What `[siting]` may say: every error at once with its place, and what is assumed where it says nothing."""

import pytest

from optimiser.basics.findings import Findings
from optimiser.network.straight_line import StraightLine
from optimiser.siting.problem import Measure
from scenarios.siting.changes import ChangesModel, changed
from scenarios.siting.city import read_siting_city
from scenarios.siting.conversion import kinds_of, segments_of, source_rule, wishes_of
from scenarios.siting.schema import SitingModel

HEAD = 'id = "town"\nname = "Town"\ncurrency = "EUR"\nstreets = {circuity = 1.3, speed_kmh = 30}\n'


def read(folder, text, *, head=HEAD):
    (folder / "city.toml").write_text(head + text)
    findings = Findings()
    return read_siting_city(folder, findings), {finding.where: finding for finding in findings.items}


def test_a_share_that_is_told_in_per_cent_is_told_as_a_share(tmp_path):
    _, found = read(
        tmp_path, "[siting]\nfloor = 40\nfloors = {west = 1.5, east = 140}\nsegments = [{id = 7, least = 50}]"
    )
    hints = {where: finding.hint for where, finding in found.items() if finding.code == "less_than_equal"}
    assert hints == {
        "siting.floor": "1.0 or less; 40 % is 0.4",
        "siting.floors.west": "1.0 or less",
        "siting.floors.east": "1.0 or less",
        "siting.segments[0].least": "1.0 or less; 50 % is 0.5",
    }


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("BRR", "did you mean BRL?"),
        ("JPX", "did you mean JPY?"),
        ("QQQ", "a code of ISO 4217, like NOK"),
        ("XXX", "a code of ISO 4217, like NOK"),
    ],
)
def test_a_currency_that_nobody_pays_with_is_refused_with_the_nearest(tmp_path, code, hint):
    head = HEAD.replace("EUR", code)
    city, found = read(tmp_path, "[siting]\ncurrency_per_euro = 6\nfloor = 1.5", head=head)
    assert city is None
    assert {where: finding.hint for where, finding in found.items()} == {
        "currency": hint,
        "siting.floor": "1.0 or less",
    }


@pytest.mark.parametrize("code", ["BRL", "CLF", "XOF", "ZWG", "HRK"])
def test_new_odd_and_old_currencies_are_known(tmp_path, code):
    city, _ = read(tmp_path, "[siting]\ncurrency_per_euro = 6", head=HEAD.replace("EUR", code))
    assert city is not None
    assert city.model.currency == code


def test_every_error_comes_at_once_with_its_place_and_what_would_be_right(tmp_path):
    city, found = read(
        tmp_path,
        """
[siting]
max_new_sitez = 3
floor = 1.5
force = ["a", "b"]
ban = ["b"]
kinds = [{id = "ac11"}, {id = "ac11"}, {id = "super", power_kw = 300}]
segments = [{id = "ebikes"}, {id = "residents", reach_s = 200, full_s = 250, kinds = ["ac11", "ac12"]}, {id = "own"}]
phases = [{name = "1", budget = -1, growth = {resident = 2}}]
scenarios = [{name = "x", probability = 0.5}, {name = "x", probability = 0.4}]
[siting.sources.parking]
kinds = ["dc50"]
""",
    )
    assert city is None
    assert {where: (finding.code, finding.hint) for where, finding in found.items()} == {
        "siting.max_new_sitez": ("extra_forbidden", "did you mean max_new_sites?"),
        "siting.floor": ("less_than_equal", "1.0 or less"),
        "siting.force[1]": ("force_and_ban", "leave it in one of the two"),
        "siting.kinds[1].id": ("duplicate_id", "each once; the first is siting.kinds[0], city.toml"),
        "siting.kinds[2]": ("kind_incomplete", "presets are ac7, ac11, ac22, dc50, dc150, dc300, ebike"),
        "siting.segments[0]": ("segment_without_kind", "give the segment kinds of its own, of ac11, super"),
        "siting.segments[1].full_s": ("full_beyond_reach", "full_s of 200 or less"),
        "siting.segments[1].kinds[1]": ("unknown_kind", "did you mean ac11?"),
        "siting.segments[2]": (
            "segment_incomplete",
            "presets are residents, workers, visitors, shared_fleet, ebikes",
        ),
        "siting.phases[0].budget": ("greater_than_equal", "0.0 or more"),
        "siting.phases[0].growth.resident": ("unknown_segment", "did you mean residents?"),
        "siting.scenarios": ("probabilities", "they have to make 1"),
        "siting.scenarios[1].name": ("duplicate_id", "each once; the first is siting.scenarios[0], city.toml"),
        "siting.sources.parking.kinds[0]": ("unknown_kind", "kinds of the study are ac11, super"),
    }
    assert {finding.source for finding in found.values()} == {"city.toml"}


def test_what_is_about_bikes_may_be_absent_or_wrong_and_what_nobody_knows_may_not(tmp_path):
    city, found = read(tmp_path, 'depots = 3\n[handling]\nstop_s = "long"\n')
    assert city is not None
    assert not found
    _, found = read(tmp_path, "[sitting]\nfloor = 0.5\n")
    assert found["sitting"].hint == "did you mean siting?"


def test_a_folder_with_nothing_but_streets_is_a_city_and_what_was_assumed_is_told(tmp_path):
    folder = tmp_path / "Neuer Ort"
    folder.mkdir()
    (folder / "ort.osm.pbf").write_bytes(b"")
    findings = Findings()
    city = read_siting_city(folder, findings)
    assert not findings.items
    assert (city.model.id, city.model.name, city.streets) == ("neuer-ort", "Neuer Ort", folder / "ort.osm.pbf")
    assert list(city.assumed.sentences) == [
        "id: neuer-ort",
        "name: Neuer Ort",
        "currency: EUR",
        "streets: ort.osm.pbf",
    ]


def test_streets_are_asked_for_where_none_or_several_are_there(tmp_path):
    findings = Findings()
    assert read_siting_city(tmp_path, findings) is None
    assert [(finding.where, finding.code) for finding in findings.items] == [("streets", "missing")]
    assert "street file" in findings.items[0].hint


def test_a_number_in_quotes_is_refused(tmp_path):
    toml = '[siting]\nspacing_m = "1.000"\nkinds = [{id = "ac22", plug_cost = "4.200"}]\nphases = [{name = "1", '
    _, found = read(tmp_path, toml + 'growth = {residents = "1,5"}}]\n')
    assert {(place, item.code, item.hint) for place, item in found.items()} == {
        (place, "number_quoted", "write the number without quotes")
        for place in ("siting.spacing_m", "siting.kinds[0].plug_cost", "siting.phases[0].growth.residents")
    }


def test_a_preset_keeps_what_is_not_said_and_tells_it(tmp_path):
    city, _ = read(
        tmp_path,
        '[siting]\nkinds = [{id = "ac22", plug_cost = 7000}]\nsegments = [{id = "residents", reach_s = 120}]\n',
    )
    (kind,) = kinds_of(city.model, ["residents"], city.assumed)
    assert (kind.power_kw, kind.plug_cost, kind.session_minutes) == (22.0, 7000.0, 150.0)
    (segment,) = segments_of(city.model, ["residents"], [kind.id], city.assumed)
    # Its usual 300 s of full value end with its reach; of its usual kinds the study has one.
    assert (segment.reach_s, segment.full_s, segment.kinds) == (120, 120, {"ac22"})
    told = " ".join(city.assumed.sentences)
    assert "sessions of 150 min" in told
    assert "a plug" not in told


def test_prices_that_are_assumed_are_turned_into_the_currency_or_refused(tmp_path):
    head = HEAD.replace("EUR", "CLP")
    _, found = read(tmp_path, "", head=head)
    assert found["siting"].code == "prices_in_euros"
    city, _ = read(tmp_path, "[siting]\ncurrency_per_euro = 1050\n", head=head)
    by_id = {kind.id: kind for kind in kinds_of(city.model, [], city.assumed)}
    # 4,000 euros are 4,200,000 pesos.
    assert by_id["ac11"].plug_cost == 4_200_000
    assert source_rule(city.model, "kerbside", list(by_id), city.assumed).open_cost == 8_400_000


def test_without_kinds_demand_gets_those_that_it_needs(tmp_path):
    city, _ = read(tmp_path, "")
    kinds = [kind.id for kind in kinds_of(city.model, ["ebikes", "residents"], city.assumed)]
    assert kinds == ["ac11", "ac22", "dc50", "ebike"]


def test_a_source_says_what_its_sites_may_hold(tmp_path):
    city, _ = read(tmp_path, '[siting.sources]\nparking = {open_cost = 99, kinds = ["dc50"]}\n')
    kinds = ["ac11", "ac22", "dc50"]
    parking = source_rule(city.model, "parking", kinds, city.assumed)
    assert (parking.open_cost, parking.max_plugs, parking.kinds) == (99, 8, {"dc50"})
    assert source_rule(city.model, "street_lamp", kinds, city.assumed).kinds == frozenset()
    assert source_rule(city.model, "somewhere", kinds, city.assumed).open_cost == 10_000


def test_without_number_and_budget_ten_sites_are_asked_for_and_it_is_told(tmp_path):
    city, _ = read(tmp_path, "")
    assert wishes_of(city.model.siting, [], city.assumed).max_new_sites == 10
    assert any("max_new_sites: 10" in sentence for sentence in city.assumed.sentences)
    city, _ = read(tmp_path, '[siting]\nphases = [{name = "a", budget = 5}]\n')
    assert wishes_of(city.model.siting, [], city.assumed).max_new_sites is None


def test_changes_take_the_place_of_what_the_file_wishes():
    siting = SitingModel.model_validate(
        {
            "force": ["a"],
            "ban": ["b", "c"],
            "floors": {"north": 0.9},
            "phases": [{"name": "1", "budget": 30}, {"name": "2", "budget": 10}],
        }
    )
    changes = ChangesModel(measure="energy", budget=100, floor=0.5, force=("c",), ban=("a",))
    after = changed(siting, changes)
    assert (after.measure, after.floor, after.floors) == (Measure.ENERGY, 0.5, {})
    assert (after.force, after.ban) == (("c",), ("b", "a"))
    # 30 and 10 of 100 as before, in proportion.
    assert [phase.budget for phase in after.phases] == [75, 25]
    assert changed(siting, ChangesModel()) == siting


@pytest.mark.parametrize(
    ("changes", "budgets"),
    [
        ({"phases": 4}, [10, 10, 10, 10]),
        ({"phases": 2, "budget": 90}, [45, 45]),
        ({"budget": 60}, [45, 15]),
        ({}, [30, 10]),
    ],
)
def test_money_is_shared_among_phases(changes, budgets):
    siting = SitingModel.model_validate({"phases": [{"name": "1", "budget": 30}, {"name": "2", "budget": 10}]})
    assert [phase.budget for phase in changed(siting, ChangesModel(**changes)).phases] == budgets


def test_a_line_stands_in_for_streets(tmp_path):
    city, _ = read(tmp_path, "")
    assert city.streets == StraightLine(1.3, 30)


def test_a_text_instead_of_a_list_is_told_as_such(tmp_path):
    _, found = read(tmp_path, '[siting]\nforce = "P1"\n')
    finding = found["siting.force"]
    assert (finding.code, finding.message) == ("tuple_type", "force is 'P1', should be a list")
    assert finding.hint == "a list in brackets, also of one"
