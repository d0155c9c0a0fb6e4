"""backtest.html: held-out nights on one page, drawn without JavaScript; it asks nothing of the network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from optimiser.basics.city import City
from optimiser.reporting import words
from optimiser.reporting.backtest_document import JUDGED, LABELS
from optimiser.reporting.html import page_policy, template_environment, template_source
from optimiser.simulation.held_out import Backtest, StationClass
from optimiser.simulation.policies import Policy

WIDTH, HEIGHT = 640.0, 260.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 24.0, 10.0, 30.0
DRAWN = (Policy.NOTHING, Policy.UNLIMITED, Policy.VANS, Policy.PERFECT)
"""Policies with a line of their own over nights."""

CLASS_WORDS = {
    StationClass.DRAINS: "more rentals than returns",
    StationClass.FILLS: "more returns than rentals",
    StationClass.BALANCED: "about as many of both",
    StationClass.QUIET: "fewer than ten of both a day",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A scale from values to drawing units, with round marks."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where a value is drawn."""
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.0
        return round(self.start + share * (self.end - self.start), 1)

    def marks(self) -> list[tuple[float, str]]:
        """Places and words of some round values."""
        step = round_step((self.high - self.low) / 4)
        first = math.ceil(self.low / step - 1e-9)
        values = [step * number for number in range(first, int(self.high / step + 1e-9) + 1)]
        return [(self.at(value), words.number(value, 0 if step >= 1 else 1)) for value in values]


def backtest_html(result: Backtest, city: City, *, first: datetime, last: datetime) -> str:
    """The whole page; `first` and `last` are the nights asked for."""
    style = template_source("backtest.css.jinja")
    judged = [policy for policy in JUDGED if policy in result.policies]
    rows = [_row(result, policy) for policy in result.policies]
    return (
        template_environment()
        .get_template("backtest.html.jinja")
        .render(
            policy=page_policy(style, ""),
            style=Markup(style),  # noqa: S704 - our own file
            city=city,
            first=words.day(first),
            last=words.day(last),
            nights=len(result.nights),
            skipped=result.skipped,
            lead=lead(result),
            rows=rows,
            bars=_bars(rows),
            lines=_lines(result),
            hours=[_hours(result, policy) for policy in judged],
            reliability=[_reliability(result, policy) for policy in judged],
            classes=[
                {"label": LABELS[policy], "rows": result.by_class(policy), "words": CLASS_WORDS} for policy in judged
            ],
            restored=sum(night.restored for night in result.nights) / len(result.nights),
            wanted=sum(night.wanted for night in result.nights) / len(result.nights),
        )
    )


def lead(result: Backtest) -> str:
    """The answer in two sentences."""
    avoided, nothing = result.avoided(Policy.UNLIMITED), result.lost(Policy.NOTHING)
    told = (
        f"Of {words.trips(nothing.mean)} trips lost a day if nobody moved, targets from the days before avoid "
        f"{words.trips(avoided.mean)} ({words.trips(avoided.low)} to {words.trips(avoided.high)})"
    )
    share = result.share_of(Policy.UNLIMITED, Policy.HELD_OUT_RATES, "under_held_out")
    if share is not None:
        told += f": {words.number(100 * share)} % of what rates of the held-out days themselves would"
    if Policy.VANS in result.policies:
        told += f". The real vans avoid {words.trips(result.avoided(Policy.VANS).mean)}"
    return f"{told}."


def round_step(rough: float) -> float:
    """The next 1, 2 or 5 times a power of ten."""
    if rough <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough - 1e-12)


def _row(result: Backtest, policy: Policy) -> dict[str, Any]:
    lost, avoided = result.lost(policy), result.avoided(policy)
    return {
        "policy": policy.value,
        "label": LABELS[policy],
        "lost": lost,
        "avoided": avoided,
        "bikes": sum(int(night.outcomes[policy].opening.sum()) for night in result.nights) / len(result.nights),
        "predicted": float(result.per_night(policy, "predicted").mean()),
        "share": result.share_of(policy, Policy.HELD_OUT_RATES, "under_held_out"),
        "perfect": result.share_of(policy, Policy.PERFECT),
    }


def _bars(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    left = 262.0
    axis = Axis(low=0.0, high=max(row["lost"].high for row in rows) or 1.0, start=left, end=WIDTH - 60)
    bars = [
        {
            "y": 8 + 30 * index,
            "label": row["label"],
            "policy": row["policy"],
            "width": round(axis.at(row["lost"].mean) - left, 1),
            "low": axis.at(row["lost"].low),
            "high": axis.at(row["lost"].high),
            "value": words.trips(row["lost"].mean),
        }
        for index, row in enumerate(rows)
    ]
    return {"left": left, "height": 14 + 30 * len(rows), "bars": bars}


def _frame(*, x: tuple[float, float], y: float) -> tuple[Axis, Axis]:
    across = Axis(low=x[0], high=x[1], start=LEFT, end=WIDTH - RIGHT)
    return across, Axis(low=0.0, high=y * 1.05 or 1.0, start=HEIGHT - BOTTOM, end=TOP)


def _path(across: Axis, up: Axis, values: Sequence[float]) -> str:
    return "M" + "L".join(f"{across.at(index)} {up.at(value)}" for index, value in enumerate(values))


def _lines(result: Backtest) -> dict[str, Any]:
    drawn = [policy for policy in DRAWN if policy in result.policies]
    per_night = {policy: result.per_night(policy).tolist() for policy in drawn}
    across, up = _frame(x=(0, max(1, len(result.nights) - 1)), y=max(max(values) for values in per_night.values()))
    every = max(1, len(result.nights) // 6)
    return {
        "marks": up.marks(),
        "dates": [
            (across.at(index), f"{night.as_of.day}.{night.as_of.month}.")
            for index, night in enumerate(result.nights)
            if index % every == 0
        ],
        "lines": [
            {"policy": policy.value, "label": LABELS[policy], "path": _path(across, up, values)}
            for policy, values in per_night.items()
        ],
    }


def _hours(result: Backtest, policy: Policy) -> dict[str, Any]:
    realised, predicted = result.by_hour(policy)
    across, up = _frame(x=(0, len(realised) - 1), y=float(max(realised.max(), predicted.max())))
    start = result.nights[0].as_of.hour
    return {
        "label": LABELS[policy],
        "marks": up.marks(),
        "dates": [(across.at(hour), f"{(start + hour) % 24}:00") for hour in range(0, len(realised), 4)],
        "realised": _path(across, up, realised.tolist()),
        "predicted": _path(across, up, predicted.tolist()),
    }


def _reliability(result: Backtest, policy: Policy) -> dict[str, Any]:
    bins = result.reliability(policy)
    # Square roots: most stations lose little, a few lose much.
    top = math.sqrt(max(max(item.predicted, item.high) for item in bins) or 1.0)
    across, up = _frame(x=(0, top * 1.05), y=top)
    marks = [value for value in (0.1, 1, 2, 5, 10, 20, 50, 100, 200, 500) if math.sqrt(value) <= top * 1.05]
    return {
        "label": LABELS[policy],
        "marks": [(up.at(math.sqrt(value)), f"{value:g}") for value in marks],
        "dates": [(across.at(math.sqrt(value)), f"{value:g}") for value in marks],
        "diagonal": f"M{across.at(0)} {up.at(0)}L{across.at(top)} {up.at(top)}",
        "points": [
            {
                "x": across.at(math.sqrt(item.predicted)),
                "y": up.at(math.sqrt(item.realised)),
                "low": up.at(math.sqrt(max(0.0, item.low))),
                "high": up.at(math.sqrt(item.high)),
            }
            for item in bins
        ],
        "ratio": result.calibration(policy),
        "held_out": result.calibration(policy, "under_held_out"),
    }
