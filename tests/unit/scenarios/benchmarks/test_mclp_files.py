"""Instances of maximal covering: read as their authors meant them, refused with what is wrong, judged from scratch."""

from itertools import pairwise

import pytest

from optimiser.basics.errors import InvalidInput
from scenarios.benchmarks.asked import Asked
from scenarios.benchmarks.judge_mclp import judge_mclp
from scenarios.benchmarks.mclp import read_mclp

CITY = """NAME : three
TYPE : MCLP
DIMENSION : 3
NODE_COORD_SECTION
0.0 010.000
0.0 010.001
0.0 010.003
DEMAND_SECTION
5
7
11
EOF
"""
"""On the equator a thousandth of a degree is 111.3 m."""
PLANE = "2 3\nF 1 0 0 1\nF 2 10 0 1\nC 1 3 4 5\nC 2 0 5.5 7\nC 3 10 -5 11\n"
ASKED = {"p": "1", "radius": "5"}


def read(tmp_path, text, asked=None):
    path = tmp_path / "case.txt"
    path.write_text(text)
    return read_mclp(path, Asked(row=asked or {}))


def pairs(instance):
    first, site = instance.pairs
    return [site[start:end].tolist() for start, end in pairwise(first)]


@pytest.mark.parametrize(
    ("radius", "within"),
    [("111", [[0], [1], [2]]), ("112", [[0, 1], [0, 1], [2]]), ("223", [[0, 1], [0, 1, 2], [1, 2]])],
)
def test_a_city_reaches_along_the_sphere(tmp_path, radius, within):
    instance = read(tmp_path, CITY, {"p": "2", "radius": radius})
    assert (instance.p, instance.sites, instance.weight.tolist()) == (2, 3, [5, 7, 11])
    assert pairs(instance) == within


def test_in_the_plane_ways_are_straight_and_the_radius_reaches(tmp_path):
    instance = read(tmp_path, PLANE, ASKED)
    assert (instance.sites, instance.weight.tolist()) == (2, [5, 7, 11])
    assert pairs(instance) == [[0], [], [1]]


@pytest.mark.parametrize(
    ("text", "asked", "told"),
    [
        (CITY, {"p": "1"}, "no radius is asked"),
        (CITY, {"radius": "5"}, "no p is asked"),
        (CITY, {"p": "4", "radius": "5"}, "p is 4"),
        (CITY, {"p": "1.5", "radius": "5"}, "p is 1.5"),
        (CITY, {"p": "1", "radius": "-5"}, "the radius is -5"),
        (CITY.replace("DEMAND_SECTION", "END"), ASKED, "has no DEMAND_SECTION"),
        (CITY.replace("11\n", ""), ASKED, "3 points and 2 demands"),
        (CITY.replace("DIMENSION : 3", "DIMENSION : 4"), ASKED, "has 3 points, DIMENSION is 4"),
        (CITY.replace("010.003", "east"), ASKED, "latitude and longitude"),
        (CITY.replace("11\n", "-11\n"), ASKED, "a demand is -11"),
        (PLANE.replace("C 2", "D 2"), ASKED, "no line F or C"),
        (PLANE.replace("2 3\n", "3 3\n"), ASKED, "2 sites and 3 demand points"),
        (PLANE.replace("F 2 10 0 1", "F 2 10 0"), ASKED, "'2 10 0' is not id, x, y and a value"),
        ("", ASKED, "is empty"),
    ],
)
def test_what_is_wrong_is_told(tmp_path, text, asked, told):
    with pytest.raises(InvalidInput) as refused:
        read(tmp_path, text, asked)
    (finding,) = refused.value.findings
    assert told in str(finding)


def test_everything_wrong_with_a_file_and_with_the_row_that_asks_is_told(tmp_path):
    text = CITY.replace("0.0 010.000", "140.2 010.000").replace("010.003", "200").replace("7\n", "seven\n")
    for form, lines in (
        (text, ["line 5: a latitude is 140.2", "line 7: a longitude is 200", "line 10: 'seven' is not a demand"]),
        (
            PLANE.replace("F 2", "G 2").replace("5.5 7", "5.5 -7"),
            ["line 3: is no line F or C", "line 5: a demand is -7"],
        ),
    ):
        with pytest.raises(InvalidInput) as refused:
            read(tmp_path, form, {"p": "two", "format": "orlib"})
        said = [
            str(finding).removeprefix(f"{tmp_path}/case.txt: ").split(" (")[0] for finding in refused.value.findings
        ]
        assert said == ["the format is 'orlib'", *lines, "p is two", "no radius is asked"]


RIGHT = {"covered": 11, "upper_bound": 11, "status": "proven"}
"""The second site reaches the last point alone."""


def test_a_right_answer_is_without_fault(tmp_path):
    instance = read(tmp_path, PLANE, ASKED)
    assert () == judge_mclp(instance, [1], **RIGHT)
    assert () == judge_mclp(instance, [1], covered=11, upper_bound=12, status="bounded")


@pytest.mark.parametrize(
    ("sites", "changed", "rule"),
    [
        ([], {}, "site_count"),
        ([2], {}, "known_sites"),
        ([-1], {}, "known_sites"),
        ([0], {}, "covered"),
        ([1], {"covered": 12, "upper_bound": 12}, "covered"),
        ([1], {"upper_bound": 10, "status": "bounded"}, "upper_bound"),
        ([1], {"upper_bound": 12}, "status"),
        ([1], {"status": "bounded"}, "status"),
    ],
)
def test_an_answer_wrong_by_one_is_found(tmp_path, sites, changed, rule):
    faults = judge_mclp(read(tmp_path, PLANE, ASKED), sites, **(RIGHT | changed))
    assert rule in {fault.rule for fault in faults}


def test_a_site_counts_once(tmp_path):
    faults = judge_mclp(read(tmp_path, PLANE, ASKED | {"p": "2"}), [1, 1], **RIGHT)
    assert ["sites_once"] == [fault.rule for fault in faults]
