"""However a file is broken, its parser takes it or refuses it with a place; the same cases in every run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.judge import UNPRINTABLE, faults, ids_in
from tests.fuzz.others import all_targets
from tests.fuzz.running import Bench
from tests.fuzz.targets import Answer, Target

SEED = 20_261_127
CASES = 25
"""By weight of the target; a million take `make chaos`."""


@pytest.mark.parametrize("target", all_targets(), ids=lambda target: target.name)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_every_parser_takes_a_broken_file_or_says_where_it_is_broken(target: Target, tmp_path: Path):
    bench = Bench(target, tmp_path, seed=SEED)
    bench.warm()
    found = [fault for number in range(CASES * target.weight) for fault in bench.run(number)]
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize("target", all_targets(), ids=lambda target: target.name)
def test_a_good_folder_is_taken_whole(target: Target, tmp_path: Path):
    bench = Bench(target, tmp_path, seed=SEED)
    for name in bench.names:
        answer = target.read(bench.lay_out(name, bench.files[name]))
        assert not [finding for finding in answer.findings if finding.severity == "error"]
        assert list(faults(answer, name, bench.files[name])) == []


def test_the_same_number_is_the_same_case(tmp_path: Path):
    one, other = (Bench(all_targets()[1], tmp_path, seed=seed) for seed in (1, 1))
    assert [one.case(number) for number in range(50)] == [other.case(number) for number in range(50)]
    assert len({one.case(number) for number in range(50)}) > 40


def test_the_judge_sees_what_it_is_for():
    content = b"station_id,lat\nA,1\nB,2\n"
    assert ids_in("station_information.csv", content) == {"A", "B"}
    ids = {"station_information.csv": frozenset("A")}
    answer = Answer(findings=(), taken={"capacity": float("nan"), "bikes": -1, "name": "\ud800"}, ids=ids)
    told = list(faults(answer, "station_information.csv", content))
    assert [text.split(" ")[1] for text in told] == ["nan", "-1", "half", "of"]
    assert UNPRINTABLE.search("\u202e")
