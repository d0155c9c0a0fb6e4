"""A BRP file is read as published, and what is wrong with one is told with its place, value and remedy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from optimiser.basics.errors import InvalidInput
from scenarios.benchmarks.brp import read_brp
from tests.unit.scenarios.benchmarks.instances import SQUARE, square, write_square


def refusal(path: Path) -> str:
    with pytest.raises(InvalidInput) as refused:
        read_brp(path)
    (finding,) = refused.value.findings
    assert str(path) == finding.source
    return str(finding).removeprefix(f"{path}: ")


def test_a_file_is_a_stream_of_tokens_whatever_its_lines(tmp_path):
    for number, text in enumerate((SQUARE, " ".join(SQUARE.split()), SQUARE.replace(" ", "\r\n"))):
        read, wanted = read_brp(write_square(tmp_path, f"{number}.txt", text)), square()
        assert (4, 6, str(number)) == (read.n, read.capacity, read.name)
        np.testing.assert_array_equal(wanted.demand, read.demand)
        np.testing.assert_array_equal(wanted.cost, read.cost)


def test_the_diagonal_is_ignored_and_so_is_the_demand_of_the_depot(tmp_path):
    read = read_brp(write_square(tmp_path, text=SQUARE.replace("1e+009", "-1").replace("\n0 5", "\n2 5")))
    assert [0, 5, -5, 3] == read.demand.tolist()
    assert [0, 0, 0, 0] == read.cost.diagonal().tolist()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("33 1e+009", "33", "token 21, line 7: holds 21 tokens, needs 22 (for n = 4: n, 4 demands, Q and 4 x 4 costs)"),
        ("33 1e+009", "33 1e+009 7", "token 23, line 7: holds 23 tokens, needs 22"),
        ("4\n0 5", "four\n0 5", "token 1, line 1: the number of vertices n is 'four' (a whole number, 2 or more)"),
        ("4\n0 5", "1\n0 5", "token 1, line 1: the number of vertices n is '1'"),
        ("-5 3\n", "-7 3\n", "token 4, line 2: the demand of vertex 2 is '-7' (a whole number within -6..6)"),
        ("-5 3\n", "-5.5 3\n", "token 4, line 2: the demand of vertex 2 is '-5.5'"),
        ("\n6\n", "\n0\n", "token 6, line 3: the capacity Q is '0' (a whole number, 1 or more)"),
        (" 13\n", " -13\n", "token 14, line 5: the cost from vertex 1 to 3 is '-13' (a whole number, 0 or more)"),
        (" 13\n", " 1.5\n", "token 14, line 5: the cost from vertex 1 to 3 is '1.5'"),
        (" 13\n", " nan\n", "token 14, line 5: the cost from vertex 1 to 3 is 'nan'"),
        (" 13\n", " far\n", "token 14, line 5: the cost from vertex 1 to 3 is 'far'"),
    ],
)
def test_one_wrong_token_is_told_with_its_place_and_what_would_be_right(tmp_path, old, new, says):
    assert 1 == SQUARE.count(old)
    assert refusal(write_square(tmp_path, text=SQUARE.replace(old, new))).startswith(says)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty (a BRP file holds n, n demands, Q and n x n costs)"),
        (b" \n\t", "is empty"),
        (b"4 0 \x00\x01", "is no text: byte 4 is 0"),
        (b"4 0 \xff", "is no UTF-8 text at byte 4"),
    ],
)
def test_what_is_no_text_is_told(tmp_path, content, says):
    path = tmp_path / "bad.txt"
    path.write_bytes(content)
    assert refusal(path).startswith(says)


def test_a_path_that_is_no_file_is_told(tmp_path):
    assert refusal(tmp_path / "nowhere.txt").startswith("does not exist")
    assert refusal(tmp_path).startswith("is no file")


def test_a_huge_number_of_vertices_reserves_no_memory(tmp_path):
    path = write_square(tmp_path, text=SQUARE.replace("4\n0 5", "1000000\n0 5"))
    assert "needs 1,000,001,000,002" in refusal(path)
