"""Held-out nights month by month: do predicted losses stay near those under rates of the judged days themselves?"""

from __future__ import annotations

import sys
from datetime import date, timedelta

from optimiser.simulation.policies import Policy
from tests.bench.backtests import NIGHTS, judged, polled, predicted, ridden
from tests.feed_folders import SHARED

BOUND = 0.15
HEAD = (
    "| city | first night | nights | predicted / held-out | within 15 % | predicted / lost | of held-out rates "
    "| nothing | half full | proportional | ours |"
)


def measure() -> str:
    """A table in Markdown; its rows are told as they come."""
    if not SHARED.is_dir():
        return "Not measured: the shared data is not on this machine."
    cities = (
        ("Bay Area 2014, trips", ridden, [date(2014, 1, 20) + timedelta(28 * month) for month in range(9)], "US-CA"),
        (
            "Oslo, polls",
            lambda: polled("oslo", "Europe/Oslo"),
            [date(2023, 6, 26), date(2023, 5, 1), date(2023, 5, 29), date(2022, 11, 5)],
            "NO",
        ),
        ("Bay Wheels, polls", lambda: polled("bay_wheels", "America/Los_Angeles"), [date(2023, 5, 10)], "US-CA"),
    )
    rows = []
    for name, load, months, country in cities:
        history = load()
        for first in months:
            result = judged(history, first, country)
            ratios = [
                result.calibration(policy, "under_held_out") or 0 for policy in (Policy.NOTHING, Policy.UNLIMITED)
            ]
            near = all(abs(ratio - 1) <= BOUND for ratio in ratios)
            order = (Policy.NOTHING, Policy.HALF_FULL, Policy.PROPORTIONAL, Policy.UNLIMITED)
            lost = " | ".join(f"{result.lost(policy).mean:,.0f}" for policy in order)
            rows.append(
                f"| {name} | {first} | {len(result.nights)} | {predicted(result, 'under_held_out')} "
                f"| {'yes' if near else 'no'} | {predicted(result, 'realised')} "
                f"| {result.share_of(Policy.UNLIMITED, Policy.HELD_OUT_RATES, 'under_held_out') or 0:.0%} | {lost} |"
            )
            print(rows[-1], file=sys.stderr, flush=True)
    told = (
        f"The {NIGHTS} nights from each first one on, judged as in the table above. Predictions for doing nothing and "
        "for ours, over the losses under rates of the judged days and over those of the replay; trips lost per night."
    )
    return "\n".join([told, "", HEAD, "|---|---|---:|---|---|---|" + "---:|" * 5, *rows])
