"""Pages of the tiny study, for the tests of what they say."""

from __future__ import annotations

from functools import cache

from optimiser.basics.limits import SolveLimits
from optimiser.reporting.siting_html import study_html
from optimiser.reporting.siting_outcome import outcome
from optimiser.siting.front import front
from optimiser.siting.sensitivity import sensitivity
from tests.unit.reporting.siting_reports import LAT, LON, small_problem, small_study

STREETS = [
    ("primary", ((LON - 0.001, LAT), (LON + 0.006, LAT))),
    ("residential", ((LON + 0.003, LAT - 0.001), (LON + 0.003, LAT + 0.001))),
]
AREA = [[[(LON, LAT), (LON + 0.002, LAT), (LON + 0.002, LAT + 0.001), (LON, LAT)]]]
LIMITS = SolveLimits(seconds=30.0)


def page(names=None, **given):
    study = small_study(names, **{"street_lines": STREETS, "isochrones": {"B": AREA}, **given})
    return study_html(study, outcome(study))


@cache
def fronts():
    """A front and runs of the small problem; solved once, as they are only looked at."""
    asked = small_problem()
    runs = sensitivity(asked, LIMITS, repeats=2)
    return front(asked, LIMITS, fractions=(0.3, 0.6, 1.0), floors=(0.0, 0.5)), runs


def plain(text):
    return text.replace("\u202f", " ").replace("\u00a0", " ")
