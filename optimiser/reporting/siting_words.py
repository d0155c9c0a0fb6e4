"""Plain words for the report of a siting study."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from optimiser.basics.limits import SolveLimits
from optimiser.reporting.siting_outcome import Outcome
from optimiser.reporting.siting_shares import percent
from optimiser.reporting.siting_sites import unit_of
from optimiser.reporting.siting_study import Study
from optimiser.reporting.words import counted, ending, number
from optimiser.siting.problem import District

STATES = {
    "new": "new",
    "extended": "there before, with more plugs",
    "existing": "there before",
    "candidate": "not built",
}
"""Words for how a site stands."""
ROUGH = 0.5
"""A gap from which on a bound is of no use: twice what the plan brings, and more."""
TOLD = 3
"""Districts, or sites, in one sentence."""


def bound_in_words(bound: float, gap: float) -> str:
    """The number; in words where a search was too short to find one that is of any use."""
    return number(bound) if gap < ROUGH else "not found in so short a search"


def gap_in_words(gap: float) -> str:
    """`3.1 %`; a dash where no bound was found that is of any use."""
    return percent(gap, 1) if gap < ROUGH else "–"


def told_names(districts: Iterable[District]) -> dict[str, str]:
    """What districts are called by their ids: their names, with the id where several have the same name."""
    named = list(districts)
    times = Counter(its.name for its in named)
    return {its.id: its.name if times[its.name] == 1 else f"{its.name} ({its.id})" for its in named}


def with_names(text: str, names: Mapping[str, str]) -> str:
    """A sentence about `district D10` with what that is called instead; as it is where that is its id."""
    ids = [re.escape(id_) for id_ in sorted(names, key=len, reverse=True) if names[id_] != id_]
    if not ids:
        return text
    return re.sub(rf"\bdistrict ({'|'.join(ids)})(?![\w-])", lambda found: names[found[1]], text)


def conflicts_shown(study: Study) -> list[tuple[str, str]]:
    """Whether each wish that gave way cannot be kept or was not, and the sentence about it, with names of districts."""
    names = told_names(study.problem.districts)
    return [
        ("Cannot be kept" if item.is_impossible else "Was not kept", with_names(item.text, names))
        for item in study.result.conflicts
    ]


def gave_way(missed: Mapping[str, float], left_out: Collection[str], *, names: Mapping[str, str] | None = None) -> str:
    """
    `12.1 % lacking in west, and in 3 more districts; nothing at A, B`, the largest first; `none` where none did.

    `names` of districts take the place of their ids.
    """
    told, names = [], names or {}
    if missed:
        worst = sorted(missed, key=lambda id_: (-missed[id_], id_))
        others = f", and in {counted(len(worst) - TOLD, 'more district')}" if len(worst) > TOLD else ""
        told.append(
            ", ".join(f"{_lacking(missed[id_])} lacking in {names.get(id_, id_)}" for id_ in worst[:TOLD]) + others
        )
    if left_out:
        others = f", and at {counted(len(left_out) - TOLD, 'more site')}" if len(left_out) > TOLD else ""
        told.append(f"nothing at {', '.join(sorted(left_out)[:TOLD])}{others}")
    return "; ".join(told) or "none"


def _lacking(share: float) -> str:
    """Rounded up to a tenth of a per cent, so that what is lacking never reads as nothing."""
    return percent(max(1, math.ceil(share * 1000 - 1e-2)) / 1000, 1)


def headline(study: Study, told: Outcome) -> str:
    """The study in two sentences."""
    end, built = told.end, told.built
    if not built:
        return f"Nothing is built: no site was found that helps within the limits. {percent(_share(told))} are served."
    plugs = sum(sum(site.new_plugs.values()) for site in built)
    phases = len(study.problem.wishes.phases)
    over = "" if phases == 1 else f" over {counted(phases, 'phase')}"
    money = f"{number(told.total_cost)} {study.currency}"
    who = who_counts(study, told)
    return (
        f"{counted(plugs, 'plug')} at {counted(len(built), 'site')} for {money}{over}. "
        f"Of {number(end.people)} people, {number(end.served_before)} are served by what stands already, "
        f"{number(end.served)} with this plan." + (f" {who}" if who else "")
    )


def who_counts(study: Study, told: Outcome) -> str:
    """Who counts as people, by segment, in a sentence, so that nobody takes them all for residents; or nothing."""
    problem, flows = study.problem, told.flows
    of_segment = {segment.id: 0.0 for segment in problem.segments}
    for point, people in zip(problem.demand, flows.demand.tolist(), strict=True):
        of_segment[point.segment] += people
    parts = [f"{number(of_segment[its.id])} {its.name}" for its in problem.segments if of_segment[its.id] > 0]
    given = sum(point.weight for point in problem.demand)
    is_as_given = math.isclose(float(flows.demand.sum()), given, rel_tol=1e-6)
    if len(parts) < 2 and is_as_given:
        return ""
    grown = "" if is_as_given else f", with growth and scenarios as expected ({number(given)} as the files have them)"
    return f"People are those of all segments in the last phase{grown}: {', '.join(parts)}."


def quality(study: Study) -> list[str]:
    """What the plan brings, how far that may be from the best, and why the search ended."""
    result, unit = study.result, unit_of(study)
    weighted = len(study.problem.wishes.phases) > 1
    added = "phases added up by their weight, " if weighted else ""
    less = "who goes far counted for less where that was asked for"
    told = [f"The plan has a value of {number(result.value)} {unit}: {added}{less}."]
    if result.gap == 0:
        told.append("No plan that keeps to the wishes can bring more; that is proven.")
    elif result.upper_bound == float("inf"):
        told.append("How much more could be had at best is not known.")
    else:
        told.append(
            f"No plan can bring more than {number(result.upper_bound)}; that is proven. So this one reaches at least "
            f"{number(100 * (1 - result.gap), 1)} % of the best possible."
        )
    told.append(ending(result.stop_reason, result.elapsed_s))
    return told


def limits_in_words(limits: SolveLimits) -> list[str]:
    """What the search was given, which it has to be given again: `40 seconds`, `500 rounds`, `gap of 2 % is enough`."""
    return [
        *([] if limits.seconds is None else [f"{limits.seconds:g} {'second' if limits.seconds == 1 else 'seconds'}"]),
        *([] if limits.rounds is None else [counted(limits.rounds, "round")]),
        *([f"gap of {100 * limits.gap:g} % is enough"] if limits.gap else []),
        *([] if limits.stalled_s is None else [f"{limits.stalled_s:g} s without a better plan are enough"]),
    ]


def _share(told: Outcome) -> float | None:
    return told.end.served / told.end.people if told.end.people > 0 else None
