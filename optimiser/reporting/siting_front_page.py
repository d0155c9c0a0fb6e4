"""The front as a chart and rows, and what an earlier study did otherwise, for the page."""

from __future__ import annotations

import math
from typing import Any

from optimiser.reporting.backtest_page import Axis
from optimiser.reporting.siting_front_figures import point_figures
from optimiser.reporting.siting_front_labels import place_labels
from optimiser.reporting.siting_shares import percent
from optimiser.reporting.siting_sites import unit_of
from optimiser.reporting.siting_study import Study
from optimiser.reporting.siting_words import bound_in_words, gap_in_words, gave_way
from optimiser.reporting.words import counted, number
from optimiser.siting.comparison import Comparison
from optimiser.siting.front import Front
from optimiser.siting.front_points import FrontPoint, keeping_most

WIDTH, HEIGHT = 720, 340
LEFT, RIGHT, TOP, BOTTOM = 76, 24, 16, 44
MOST_TICKS = 6
"""On an axis."""


def front_chart(study: Study, front: Front) -> dict[str, Any]:
    """
    Value over cost, a mark for each plan just where it is, a whisker up to its bound, a line for each floor; and rows.

    Numbers stand beside the marks, where there is room for them. Bounds far above all plans are cut, so that the plans
    can still be told apart.
    """
    points = front.points
    x = Axis(low=0.0, high=max((its.cost for its in points), default=0.0) * 1.04 or 1.0, start=LEFT, end=WIDTH - RIGHT)
    best = max((its.value for its in points), default=0.0)
    top = 1.04 * min(1.6 * best, max((its.upper_bound for its in points), default=0.0)) or 1.0
    y = Axis(low=0.0, high=top, start=HEIGHT - BOTTOM, end=TOP)
    floors = sorted({_floors(its) for its in points})
    spots = [(x.at(its.cost), y.at(its.value)) for its in points]
    bounds = [y.at(min(top, its.upper_bound)) for its in points]
    window = (LEFT, TOP, WIDTH - RIGHT, HEIGHT - BOTTOM)
    labels = place_labels(spots, bounds, window)
    marks = [
        {
            "x": spot[0],
            "y": spot[1],
            "label": label,
            "bound": bound,
            "is_cut": its.upper_bound > top,
            "number": row + 1,
            "level": floors.index(_floors(its)),
            "is_knee": row == front.knee,
            "is_short": bool(its.left_out),
        }
        for row, (its, spot, bound, label) in enumerate(zip(points, spots, bounds, labels, strict=True))
    ]
    lines = [
        {"level": level, "path": _line([mark for mark in marks if mark["level"] == level]), "floor": _in_words(asked)}
        for level, asked in enumerate(floors)
    ]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "floor_y": HEIGHT - BOTTOM,
        "x_marks": _ticks(x),
        "y_marks": _ticks(y),
        "marks": marks,
        "lines": lines,
        "rows": [_row(study, its, row, row == front.knee) for row, its in enumerate(points)],
        "dominated": front.dominated,
        "has_floors": any(its.floors for its in points),
        "has_forced": any(its.asked.force for its in points),
        "knee": _knee_in_words(front),
    }


def _ticks(axis: Axis) -> list[tuple[float, str]]:
    """From 0 on, four to six round values and where they are."""
    size = 10.0 ** math.floor(math.log10(axis.high / MOST_TICKS))
    step = next(its for its in (size * nice for nice in (1, 2, 2.5, 5, 10)) if axis.high / its < MOST_TICKS)
    digits = max(0, 1 - math.floor(math.log10(step))) if step < 10 else 0
    return [(axis.at(step * row), number(step * row, digits)) for row in range(int(axis.high / step + 1e-9) + 1)]


def _knee_in_words(front: Front) -> str:
    """What the ring says, or why there is none."""
    kept = [front.points[row] for row in keeping_most(front.points)]
    wishes = []
    if any(floor > 0 for its in kept for floor in its.own_floors.values()) and not any(its.own_missed for its in kept):
        wishes.append("own floors")
    if any(its.asked.force for its in kept) and not any(its.left_out for its in kept):
        wishes.append("forced sites")
    which = f"the plans that keep the study's {' and '.join(wishes)}" if wishes else "these plans"
    if front.knee is not None:
        return f"ring: knee, after which more money brings less than before it, among {which}"
    if len({its.cost for its in kept}) < 3:
        return f"no knee: fewer than three costs among {which}"
    return f"no knee: money does not bring less and less among {which}"


def _line(marks: list[dict[str, Any]]) -> str:
    return "M" + "L".join(f"{mark['x']} {mark['y']}" for mark in marks) if len(marks) > 1 else ""


def _floors(point: FrontPoint) -> tuple[float | None, float | None]:
    """Least and most that was asked for a district."""
    return point.floor, point.highest_floor


def _in_words(floors: tuple[float | None, float | None]) -> str:
    """`15 %`, or `5 % to 20 %` where districts have floors of their own."""
    least, most = (percent(share) for share in floors)
    return least if least == most else f"{least} to {most}"


def _row(study: Study, point: FrontPoint, row: int, is_knee: bool) -> dict[str, Any]:
    its = point_figures(study, point)
    return {
        "number": row + 1,
        "budget": number(point.budget),
        "cost": number(point.cost),
        "sites": its.sites,
        "plugs": its.plugs,
        "people": number(its.people_served),
        "served": percent(its.served_share, 1),
        "grid": percent(its.grid_share),
        "value": number(point.value),
        "bound": bound_in_words(point.upper_bound, point.gap),
        "gap": gap_in_words(point.gap),
        "status": point.status.value,
        "floor": _in_words(_floors(point)),
        "worst": percent(point.worst_share, 1),
        "not_kept": _not_kept(point),
        "forced": gave_way({}, point.left_out) if point.left_out else "all built",
        "is_knee": is_knee,
    }


def _not_kept(point: FrontPoint) -> str:
    """Which floors a plan breaks: those that were asked for here, or the study's own; nothing where it keeps both."""
    if point.missed:
        return "not kept"
    return "the study's own not kept" if point.own_missed else ""


def comparison_rows(study: Study, told: Comparison) -> dict[str, Any]:
    """What this study does otherwise than the earlier one, in words."""
    names = {site.id: site.name for site in study.problem.sites}
    districts = {district.id: district.name for district in study.problem.districts}
    kinds = {kind.id: kind.name for kind in study.problem.kinds}

    def listed(ids: tuple[str, ...]) -> str:
        return ", ".join(names.get(id_, id_) for id_ in ids) or "none"

    return {
        "headline": comparison_headline(study, told),
        "rows": [
            (f"Value, {unit_of(study)} over all phases", *(number(amount) for amount in told.value)),
            ("People served", *(number(amount) for amount in told.people)),
            (f"Cost, {study.currency}", *(number(amount) for amount in told.cost)),
            ("Sites built", *(number(len(told.kept) + len(only)) for only in (told.lost, told.gained))),
            *(
                (f"Served of {districts.get(id_, id_)}", *(percent(share, 1) for share in shares))
                for id_, shares in told.districts.items()
            ),
        ],
        "gained": listed(told.gained),
        "lost": listed(told.lost),
        "kept": listed(told.kept),
        "plugs": [
            {"name": names.get(site, site), "kind": kinds.get(kind, kind), "before": before, "after": after}
            for (site, kind), (before, after) in told.plugs.items()
            if site in told.kept
        ],
    }


def comparison_headline(study: Study, told: Comparison) -> str:
    """Sites that come and go, money and people beside those of the earlier study, in a sentence."""
    cost, people = ([number(amount) for amount in pair] for pair in (told.cost, told.people))
    return (
        f"{counted(len(told.kept), 'site')} in both, {len(told.gained)} in this one only, {len(told.lost)} in the "
        f"earlier one only; {cost[1]} {study.currency} instead of {cost[0]}, {people[1]} people served instead of "
        f"{people[0]}."
    )
