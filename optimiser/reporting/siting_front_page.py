"""The front as a chart and rows, how stable sites are, and what an earlier study did otherwise, for the page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from optimiser.reporting.backtest_page import Axis
from optimiser.reporting.siting_front_figures import point_figures
from optimiser.reporting.siting_sites import unit_of
from optimiser.reporting.siting_study import Study
from optimiser.reporting.siting_words import bound_in_words, gap_in_words, gave_way, percent
from optimiser.reporting.words import counted, number
from optimiser.siting.comparison import Comparison
from optimiser.siting.front import Front, FrontPoint
from optimiser.siting.plugs import standing
from optimiser.siting.problem import SitingProblem
from optimiser.siting.sensitivity import Run, Sensitivity, Varied, missed_floors

WIDTH, HEIGHT = 720, 340
STAYS = 0.8
"""A site that is chosen again in so many studies stays."""
LEFT, RIGHT, TOP, BOTTOM = 76, 24, 16, 44
MOST_TICKS = 6
"""On an axis."""
APART = 20
"""Drawing units between the middles of two marks, so that none hides behind another."""


def front_chart(study: Study, front: Front) -> dict[str, Any]:
    """
    Value over cost, a mark for each plan, a whisker up to its bound, a line for each floor; and the same as rows.

    Bounds far above all plans are cut, so that the plans can still be told apart.
    """
    points = front.points
    x = Axis(low=0.0, high=max((its.cost for its in points), default=0.0) * 1.04 or 1.0, start=LEFT, end=WIDTH - RIGHT)
    best = max((its.value for its in points), default=0.0)
    top = 1.04 * min(1.6 * best, max((its.upper_bound for its in points), default=0.0)) or 1.0
    y = Axis(low=0.0, high=top, start=HEIGHT - BOTTOM, end=TOP)
    floors = sorted({_floors(its) for its in points})
    places = [(x.at(its.cost), y.at(its.value)) for its in points]
    marks = [
        {
            "x": place[0],
            "y": place[1],
            "at": at,
            "bound": y.at(min(top, its.upper_bound)),
            "is_cut": its.upper_bound > top,
            "number": row + 1,
            "level": floors.index(_floors(its)),
            "is_knee": row == front.knee,
        }
        for row, (its, place, at) in enumerate(zip(points, places, _apart(places), strict=True))
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
        "knee": _knee_in_words(front),
    }


def _ticks(axis: Axis) -> list[tuple[float, str]]:
    """From 0 on, four to six round values and where they are."""
    size = 10.0 ** math.floor(math.log10(axis.high / MOST_TICKS))
    step = next(its for its in (size * nice for nice in (1, 2, 2.5, 5, 10)) if axis.high / its < MOST_TICKS)
    digits = max(0, 1 - math.floor(math.log10(step))) if step < 10 else 0
    return [(axis.at(step * row), number(step * row, digits)) for row in range(int(axis.high / step + 1e-9) + 1)]


def _apart(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Where marks are drawn: in their places, or as near as there is room beside those before."""
    steps = (0, *(sign * APART * times for times in range(1, len(places) + 1) for sign in (1, -1)))
    around = sorted(((across, down) for across in steps for down in steps), key=lambda step: math.hypot(*step))
    drawn: list[tuple[float, float]] = []
    for place in places:
        tried = ((round(place[0] + across, 1), round(place[1] + down, 1)) for across, down in around)
        drawn.append(next(at for at in tried if all(math.dist(at, other) >= APART for other in drawn)))
    return drawn


def _knee_in_words(front: Front) -> str:
    """What the ring says, or why there is none."""
    has_own = any(floor > 0 for its in front.points for floor in its.own_floors.values())
    kept = [its for its in front.points if not its.own_missed]
    which = "the plans that keep the study's own floors" if has_own and kept else "these plans"
    if front.knee is not None:
        return f"ring: knee, after which more money brings less than before it, among {which}"
    if len({its.cost for its in kept or front.points}) < 3:
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
        "is_knee": is_knee,
    }


def _not_kept(point: FrontPoint) -> str:
    """Which floors a plan breaks: those that were asked for here, or the study's own; nothing where it keeps both."""
    if point.missed:
        return "not kept"
    return "the study's own not kept" if point.own_missed else ""


def stability_rows(study: Study, sensitivity: Sensitivity) -> dict[str, Any]:
    """Sites of this study, and those that come often without being in it, with how often they are chosen."""
    names = {site.id: site.name for site in study.problem.sites}
    chosen, kept = standing(study.problem, study.result.plan)[-1].new_sites, study.result.wishes
    total, asked = sensitivity.times_chosen(), max(1, sensitivity.times_asked())
    kinds = [varied for varied in Varied if sensitivity.times_made(varied)]
    counts = {varied: sensitivity.times_chosen(varied) for varied in kinds}
    listed = sorted(chosen | {id_ for id_ in total if 2 * total[id_] >= asked}, key=lambda id_: (-total[id_], id_))
    return {
        "headline": stability_headline(study, sensitivity),
        "kinds": ["another seed" if varied is Varied.SEARCH else f"{varied.value} varied" for varied in kinds],
        "asked": asked,
        "spread": percent(sensitivity.spread),
        "rows": [
            {
                "id": id_,
                "name": names.get(id_, id_),
                "is_chosen": id_ in chosen,
                "share": percent(total[id_] / asked),
                "runs": f"{total[id_]} of {counted(asked, 'run')}",
                "bar": round(100 * total[id_] / asked, 1),
                "counts": [_of(counts[varied][id_], sensitivity.times_asked(varied)) for varied in kinds],
            }
            for id_ in listed
        ],
        "runs": [
            {
                "factors": run.factors,
                "value": number(run.value),
                "bound": bound_in_words(run.upper_bound, run.gap),
                "gap": gap_in_words(run.gap),
                "sites": len(run.sites),
                "gave_way": gave_way(run.missed, run.left_out),
                "plan": _whose(run, chosen),
            }
            for run in sensitivity.runs
        ],
        "gave_way": gave_way(missed_floors(study.problem, kept), study.problem.wishes.force - kept.force),
        "base": sum(run.is_base for run in sensitivity.runs),
        "begun": sum(run.varied is not Varied.SEARCH for run in sensitivity.runs),
    }


def _of(times: int, asked: int) -> str:
    return f"{times} of {asked}" if asked else "–"


def _whose(run: Run, chosen: frozenset[str]) -> str:
    if run.is_base:
        return "this one" if run.sites == chosen else "this one, without what there is no money for"
    worse = "clearly worse" if run.varied is Varied.SEARCH else "perhaps far from the best"
    return "its own" if run.is_counted else f"its own, {worse}: not counted"


def stability_headline(study: Study, sensitivity: Sensitivity) -> str:
    """How many of the plan's sites stay, what that rests on, and how many studies keep all wishes, in sentences."""
    chosen = standing(study.problem, study.result.plan)[-1].new_sites
    total, asked = sensitivity.times_chosen(), sensitivity.times_asked()
    stay = sum(total[id_] >= STAYS * asked for id_ in chosen)
    return (
        f"{stay} of {counted(len(chosen), 'site')} {'is' if stay == 1 else 'are'} chosen again in {percent(STAYS)} or "
        f"more of {counted(asked, 'study', 'studies')} with demand, reach or money varied by up to "
        f"{percent(sensitivity.spread)}{_base_kept(sensitivity)}. {_luck(sensitivity)}"
        f"{_times_kept(study.problem, sensitivity)}"
    ).rstrip()


def _base_kept(sensitivity: Sensitivity) -> str:
    """In how many of them the study's own plan is all there is to count."""
    kept = sum(run.is_base for run in sensitivity.runs)
    told = f"; in {kept} of them so short a search found none over 1 % better than this plan" if kept else ""
    poor = sum(not run.is_counted and run.varied is not Varied.SEARCH for run in sensitivity.runs)
    return (
        f"{told}; {poor} more may be far from the best and {'is' if poor == 1 else 'are'} not counted" if poor else told
    )


def _luck(sensitivity: Sensitivity) -> str:
    """What another seed came to, in a sentence; nothing where none was tried."""
    made, asked = sensitivity.times_made(Varied.SEARCH), sensitivity.times_asked(Varied.SEARCH)
    if made == asked:
        return f"With another seed {asked} of {made} come to a plan as good as this one, or nearly. " if made else ""
    come = "comes" if made - asked == 1 else "come"
    return (
        f"With another seed {made - asked} of {made} {come} to clearly less in so short a search: that says nothing of "
        "the sites, and is not counted. "
    )


def _times_kept(problem: SitingProblem, sensitivity: Sensitivity) -> str:
    """In a sentence; nothing where nothing was wished for that might give way."""
    if not problem.wishes.force and not any(problem.floor_of(district.id) > 0 for district in problem.districts):
        return ""
    kept, asked = sensitivity.times_kept(), len(sensitivity.runs)
    if kept in (0, asked):
        return f"{'All' if kept else 'None'} of {asked} {'keep' if kept else 'keeps'} all floors and forced sites."
    keep = "keeps" if kept == 1 else "keep"
    return f"{kept} of {asked} {keep} all floors and forced sites, in {asked - kept} some give way."


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
