"""Findings, limits, gaps and fingerprints."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from optimiser.basics.errors import InvalidInput, InvalidProblem
from optimiser.basics.findings import Findings
from optimiser.basics.hashing import content_hash
from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import relative_gap
from tests.builders import problem, random_problem, station


def test_every_error_is_told_at_once_with_its_place_and_what_would_be_right():
    findings = Findings()
    findings.error("a", "capacity is -1", source="stations.csv", where="row 3, capacity", value=-1, hint="at least 0")
    findings.warning("b", "odd", source="stations.csv")
    findings.error("c", "no name", source="stations.csv", where="row 4, name")
    with pytest.raises(InvalidInput) as raised:
        findings.raise_errors("city x")
    assert ["a", "c"] == [finding.code for finding in raised.value.findings]
    assert "stations.csv: row 3, capacity: capacity is -1 (at least 0)" in str(raised.value)
    assert str(raised.value).startswith("city x: 2 errors")


def test_warnings_alone_stop_nothing():
    findings = Findings()
    findings.warning("b", "odd", source="stations.csv")
    findings.raise_errors("city x")
    assert 1 == len(findings.warnings)


@pytest.mark.parametrize(
    "wrong",
    [
        {"seconds": None},
        {"seconds": 0.0},
        {"seconds": float("inf")},
        {"rounds": 0},
        {"gap": 1.0},
        {"gap": -0.1},
        {"stalled_s": 0.0},
        {"seed": -1},
        {"seed": 2**31},
    ],
)
def test_limits_that_make_no_sense_are_refused(wrong):
    with pytest.raises(InvalidProblem, match="limits: "):
        SolveLimits(**wrong)


@pytest.mark.parametrize(
    ("objective", "bound", "gap"),
    [(10.0, 8.0, 0.2), (10.0, 10.0, 0.0), (0.0, 0.0, 0.0), (5.0, 6.0, 0.0), (5.0, -9.0, 1.0)],
)
def test_a_gap_lies_within_0_and_1(objective, bound, gap):
    assert gap == pytest.approx(relative_gap(objective, bound))


def test_equal_problems_have_equal_fingerprints_and_any_change_shows():
    night = random_problem(1, stations=4, vans=2)
    assert night.input_hash == random_problem(1, stations=4, vans=2).input_hash
    slower = night.travel.travel_s.copy()
    slower[0, 1] += 1
    changed = [
        replace(night, prices=replace(night.prices, lost_trip=4.01)),
        replace(night, travel=replace(night.travel, travel_s=slower)),
        replace(night, vans=night.vans[:1]),
        replace(night, stations=night.stations[::-1]),
    ]
    assert 5 == len({night.input_hash, *(item.input_hash for item in changed)})


def test_arrays_are_hashed_by_value_not_by_layout():
    array = np.arange(6, dtype=np.int32).reshape(2, 3)
    assert content_hash(array) == content_hash(np.asfortranarray(array))
    assert content_hash(array) != content_hash(array.reshape(3, 2))
    assert content_hash(array) != content_hash(array.astype(np.int64))


def test_what_cannot_be_hashed_is_named():
    @dataclass
    class Odd:
        thing: object

    with pytest.raises(TypeError, match="cannot hash a object"):
        content_hash(Odd(object()))


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (lambda: station("A", 11, low=0, high=5), "station A: inventory 11 is outside 0"),
        (lambda: problem([station("A", 1, low=0, high=5)] * 2, [1, 2]), "more than once: A$"),
        (lambda: problem([station("D", 1, low=0, high=5)], [1]), "more than once: D$"),
    ],
)
def test_a_problem_that_contradicts_itself_is_refused(broken, says):
    with pytest.raises(InvalidProblem, match=says):
        broken()


def test_unreachable_pairs_never_enter_a_problem():
    night = problem([station("A", 1, low=0, high=5)], [1])
    with pytest.raises(InvalidProblem, match="D to A"):
        replace(night, travel=replace(night.travel, unreachable=(("D", "A"),)))
