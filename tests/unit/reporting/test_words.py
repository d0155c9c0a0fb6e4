"""Numbers and sentences as a reader sees them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from optimiser.basics.result import StopReason
from optimiser.reporting import words
from tests.unit.reporting.nights import SMALL_PLAN, night_of, small_night, small_problem


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(12345.678, 1, "12\u202f345.7"), (-0.04, 1, "0.0"), (-3, 0, "−3"), (None, 2, "–"), (0, 0, "0")],
)
def test_numbers(value, digits, text):
    assert words.number(value, digits) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0006, "0.0006"),
        (0.004567, "0.00457"),
        (0.5, "0.5"),
        (0, "0"),
        (18.0, "18"),
        (1234.56, "1\u202f235"),
        (-0.25, "−0.25"),
    ],
)
def test_figures_keep_three_digits(value, text):
    assert words.figure(value) == text


def test_signed_numbers_show_growth_but_no_sign_for_nothing():
    assert [words.signed(value, 1) for value in (2, -2, 0.01)] == ["+2.0", "−2.0", "0.0"]


def test_days_do_not_depend_on_the_language_of_the_machine():
    assert words.day(datetime(2026, 11, 22, tzinfo=UTC)) == "Sunday 22 November 2026"


def test_quality_tells_cost_bound_and_gap():
    # 14.90 in all with a proven bound of 10: (14.9 - 10) / 14.9 = 32.9 %.
    told = words.quality(night_of(small_problem(), SMALL_PLAN, best_bound=10.0))
    assert "costs 15 SEK" in told[0]
    assert "saves 75 SEK" in told[1]
    assert "less than 10 SEK" in told[2]
    assert "32.9 %" in told[2]


@pytest.mark.parametrize("reason", StopReason)
def test_every_stop_reason_has_a_sentence(reason):
    assert words.quality(night_of(small_problem(), SMALL_PLAN, stop_reason=reason))[-1].endswith(".")


def test_the_headline_counts():
    from optimiser.reporting.key_figures import key_figures

    # 5 picked up, 4 dropped off: 5 moved.
    assert words.headline(key_figures(small_night())).startswith("1 van moves 5 bikes in 2 stops over 6.0 km.")
