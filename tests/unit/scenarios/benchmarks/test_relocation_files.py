"""Nights of e-cars as files: what is written is read again, and everything that is wrong is told at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import scenarios
from optimiser.basics.errors import InvalidInput
from optimiser.relocation.check import check
from optimiser.relocation.construct import construct, nothing
from optimiser.relocation.cost import cost
from optimiser.relocation.pairs import pair_up
from scenarios.benchmarks.judge_relocation import judge_relocation
from scenarios.benchmarks.records import plain
from scenarios.benchmarks.relocation_files import read_relocation, relocation_document, write_relocation
from scenarios.benchmarks.relocation_generate import COMMITTED, SIZES, generate_night, streets_of_city, write_nights
from tests.unit.relocation.whole_nights import whole_night

NIGHTS = Path(scenarios.__file__).parent / "benchmarks" / "nights"


@pytest.mark.parametrize("seed", range(8))
def test_a_night_written_and_read_again_is_the_same(seed, tmp_path):
    problem = whole_night(seed)
    write_relocation(tmp_path / "a.json", problem, about=("by hand",))
    again = read_relocation(tmp_path / "a.json")
    assert problem.input_hash == again.problem.input_hash
    assert ("a", ("by hand",)) == (again.name, again.about)


def test_every_error_is_told_at_once_with_its_place(tmp_path):
    document = json.loads(json.dumps(relocation_document(whole_night(1))))
    document["cars"][2]["battery_kwh"] = "full"
    document["cars"][3]["energy_kwh"] = 1000
    del document["stations"][0]["bays"]
    document["grid"]["colour"] = "green"
    document["drive"]["travel_s"][1][2] = -4
    document["modes"][0]["length_m"].pop()
    (tmp_path / "b.json").write_text(json.dumps(document))
    with pytest.raises(InvalidInput) as caught:
        read_relocation(tmp_path / "b.json")
    assert {
        "cars[2].battery_kwh",
        "cars[3]",
        "stations[0]",
        "grid.colour",
        "drive.travel_s[1][2]",
        "modes[0].length_m",
    } == {finding.where for finding in caught.value.findings}


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"format": "other"}', '{"format": NaN}'])
def test_what_is_no_night_is_refused(text, tmp_path):
    (tmp_path / "c.json").write_text(text)
    with pytest.raises(InvalidInput):
        read_relocation(tmp_path / "c.json")


def test_a_night_that_contradicts_itself_is_refused(tmp_path):
    document = relocation_document(whole_night(1))
    document["cars"][0]["station_id"] = "nowhere"
    (tmp_path / "d.json").write_text(json.dumps(document))
    with pytest.raises(InvalidInput, match="nowhere"):
        read_relocation(tmp_path / "d.json")


def test_the_same_seed_makes_the_same_night():
    streets = streets_of_city("paris-8e")
    one, same, other = (generate_night(streets, SIZES["small"], seed=seed) for seed in (5, 5, 6))
    assert one.input_hash == same.input_hash != other.input_hash
    assert (8, 12, 2) == (len(one.stations), len(one.cars), len(one.drivers))
    assert not check(one, nothing(one))


def test_the_nights_that_come_along_are_those_that_the_seeds_make(tmp_path):
    asked = [case for case in COMMITTED if case[1] == "paris-8e"]
    write_nights(tmp_path, asked)
    for size, city, seed in asked:
        name = f"{city}-{size}-{seed}.json"
        assert (NIGHTS / name).read_bytes() == (tmp_path / name).read_bytes()


def test_all_nights_that_come_along_can_be_read():
    paths = sorted(NIGHTS.glob("*.json"))
    assert len(COMMITTED) == len(paths)
    assert sum(path.stat().st_size for path in paths) < 300_000
    for path in paths:
        assert read_relocation(path).problem.cars


@pytest.mark.parametrize("seed", range(10))
def test_simple_plans_keep_every_rule_and_never_are_dearer_than_nothing(seed):
    problem = whole_night(seed)
    idle = cost(problem, nothing(problem)).total
    for plan in (construct(problem), pair_up(problem, seconds=0.1)):
        assert () == check(problem, plan)
        price = cost(problem, plan).total
        assert price <= idle + 1e-9
        # The judge, who reads the file alone, comes to the same.
        assert () == judge_relocation(relocation_document(problem), plain(plan), cost=price)


def _spoilt(plan, change):
    document = json.loads(json.dumps(plain(plan)))
    change(document)
    return document


def test_the_judge_finds_what_is_broken():
    problem = whole_night(5)
    night, plan = relocation_document(problem), construct(problem)
    assert plan.routes[0].jobs
    assert plan.charges
    price = cost(problem, plan).total

    def rules(change=lambda _: None, **claimed):
        return {fault.rule for fault in judge_relocation(night, _spoilt(plan, change), **claimed)}

    assert set() == rules(cost=price, lower_bound=0.0)
    assert {"cost"} == rules(cost=price - 1)
    assert {"lower_bound"} == rules(lower_bound=price + 1)
    assert {"known_ids"} == rules(lambda d: d["routes"][0]["jobs"][0].update(car_id="nobody"))
    assert "one_route_per_driver" in rules(lambda d: d["routes"].append(d["routes"][0]))
    assert "shift_end" in rules(lambda d: d["routes"][0]["jobs"][0].update(not_before_s=10**6))
    assert "plug_state" in rules(lambda d: d["routes"][0]["jobs"][0].update(unplug=not plan.routes[0].jobs[0].unplug))
    assert "charging_power" in rules(lambda d: d["charges"][0]["kw"].__setitem__(0, 999.0))
    assert "charging_window" in rules(lambda d: d["charges"].append(d["charges"][0]))
    elsewhere = next(id_ for id_ in night["places"] if id_ != plan.routes[0].jobs[0].origin_id)
    assert "car_there" in rules(lambda d: d["routes"][0]["jobs"][0].update(origin_id=elsewhere))
