"""
What can be wrong with a single row, each with a number below -1 so that it can stand among read values.

A row has one problem at most: the first that is found, times before stations before counts.
"""

from __future__ import annotations

from enum import IntEnum


class Problem(IntEnum):
    """Why a row is set aside."""

    ROW_CELLS = -2
    TIME_UNREADABLE = -3
    TIME_IN_MILLISECONDS = -4
    TIME_OUT_OF_RANGE = -5
    STATION_MISSING = -6
    COUNT_UNREADABLE = -7
    COUNT_NEGATIVE = -8
    COUNT_TOO_LARGE = -9
    FLAG_UNREADABLE = -10
    ENDS_BEFORE_START = -11

    @property
    def code(self) -> str:
        """Code of its finding."""
        return self.name.lower()


MOST_BIKES = 32_767
"""No station holds more; more is a misread column."""

HINTS = {
    Problem.ROW_CELLS: "one cell for each column",
    Problem.TIME_UNREADABLE: "2026-11-22T21:00:00+01:00, or local time like 2026-11-22 21:00, or Unix seconds",
    Problem.TIME_IN_MILLISECONDS: "Unix seconds: divide by 1000",
    Problem.TIME_OUT_OF_RANGE: "a time in the years 2000..2100",
    Problem.STATION_MISSING: "a station id",
    Problem.COUNT_UNREADABLE: "a whole number",
    Problem.COUNT_NEGATIVE: "0 or more",
    Problem.COUNT_TOO_LARGE: f"at most {MOST_BIKES}",
    Problem.FLAG_UNREADABLE: "1 or 0, true or false",
    Problem.ENDS_BEFORE_START: "an end at the start or later",
}
"""What would be right."""


def sentence(problem: Problem, column: str, value: str) -> str:
    """What is wrong with a value, as a sentence whose subject is the column."""
    if problem is Problem.STATION_MISSING:
        return f"{column} is empty"
    if problem is Problem.ROW_CELLS:
        return value
    if problem is Problem.ENDS_BEFORE_START:
        return f"{column} is {value!r}, before the trip starts"
    if not value:
        return f"{column} is empty"
    reason = {
        Problem.TIME_UNREADABLE: "not a time",
        Problem.TIME_IN_MILLISECONDS: "which looks like milliseconds",
        Problem.TIME_OUT_OF_RANGE: "outside the years 2000..2100",
        Problem.COUNT_UNREADABLE: "not a whole number",
        Problem.COUNT_NEGATIVE: "a negative number",
        Problem.COUNT_TOO_LARGE: "more than any station holds",
        Problem.FLAG_UNREADABLE: "neither yes nor no",
    }[problem]
    return f"{column} is {value!r}, {reason}"
