"""How far is within reach: a cut-off in seconds, in metres, or both, as searches compare them."""

from __future__ import annotations

import math
from typing import NamedTuple

from optimiser.basics.findings import Findings

NO_LIMIT = 2**62
"""Milliseconds or millimetres; more than any label of a search holds."""


class Limits(NamedTuple):
    """The cut-off; both figures of a path at most."""

    ms: int
    mm: int


def limits_of(cutoff_s: float | None, cutoff_m: float | None) -> Limits:
    """
    The limits that whole seconds rounded up and rounded metres keep to.

    Raises InvalidInput for limits that are not numbers of at least 0.
    """
    findings = Findings()
    for name, value in (("cutoff_s", cutoff_s), ("cutoff_m", cutoff_m)):
        if value is not None and not value >= 0:
            findings.error(name, f"{name} is {value}", source="access", value=value, hint="0 or more, or no limit")
    findings.raise_errors("access")
    ms = NO_LIMIT if cutoff_s is None else min(NO_LIMIT, 1000 * math.floor(min(cutoff_s, NO_LIMIT)))
    mm = NO_LIMIT if cutoff_m is None else min(NO_LIMIT, 1000 * math.floor(min(cutoff_m, NO_LIMIT)) + 499)
    return Limits(ms, mm)
