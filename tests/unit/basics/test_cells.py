"""What people open in a spreadsheet is text or numbers, never a formula, and says what it said."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from optimiser.basics.cells import FORMULA_STARTS, plain_cell, safe_cell, sheet_csv

TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.tuples(st.sampled_from([*FORMULA_STARTS, "'", "''", "'="]), st.text("=+-@'a1\t\r\n", max_size=5)).map("".join),
)


@given(texts=st.lists(TEXTS, min_size=1, max_size=5))
def test_what_is_written_reads_back_and_begins_like_no_formula(texts: list[str]):
    columns = [f"c{number}" for number in range(len(texts))]
    [_, read] = list(csv.reader(io.StringIO(sheet_csv(columns, [texts]), newline=""), strict=True))
    assert not any(cell.startswith(FORMULA_STARTS) for cell in read)
    assert [plain_cell(cell) for cell in read] == texts


def test_numbers_stay_numbers():
    assert sheet_csv(["a", "b", "c"], [(-1, -2.5, None)]) == "a,b,c\r\n-1,-2.5,\r\n"


def test_a_mark_is_put_before_what_looks_like_a_marked_formula():
    # '=1 was meant as it is: it must not read back as =1.
    assert safe_cell("'=1") == "''=1"
    assert plain_cell("''=1") == "'=1"
    assert safe_cell("'round") == "'round"
