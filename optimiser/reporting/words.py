"""Plain words for the report: sentences, numbers and states as a reader who is no mathematician wants them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime

from optimiser.basics.result import StopReason
from optimiser.demand.targets import Target, TargetSource
from optimiser.reporting.key_figures import KeyFigures
from optimiser.reporting.night import Night

STATES = {
    "deficit": ("▼", "too few bikes"),
    "surplus": ("▲", "too many bikes"),
    "fine": ("●", "within target"),
    "out": ("×", "not planned"),
}
"""Sign and words for how a station stands."""

KINDS = {
    "search_limit": ("May fit", "A longer search may do them."),
    "conflicts": ("Does not fit into this plan", "A van could do each of them if it had nothing else to do."),
    "not_worth_it": ("Not worth it", "They fit, and cost at least as much as they gain."),
    "impossible": ("Impossible", "Proven: no van could do even one unit of them, with nothing else to do."),
}
"""Heading and explanation by kind, in the order in which they are told."""

REASONS = {
    "SEARCH_LIMIT": ("the search ended first", "search longer"),
    "SHIFT_TIME": ("shifts are too short", "a longer shift, another van, a nearer depot"),
    "TIME_WINDOW": ("closes too early", "longer opening hours, an earlier shift"),
    "RANGE": ("out of the vans' range", "a van with more range, a depot on the way"),
    "CAPACITY": ("the van is full", "a larger van, a depot visit on the way"),
    "SWAP_PACKS": ("no batteries left", "more batteries on board"),
    "SKILL": ("no van has the skill", "give a van the key or the crane"),
    "NO_SURPLUS_LEFT": ("no spare bike is left", "more bikes, lower targets elsewhere"),
    "DOCKS_FULL": ("no dock is free", "more docks or room, fewer bikes asked for"),
    "ZONE_NO_DROP": ("no bike may be brought", "allow drop-offs there"),
    "POLICY_CAP": ("its one stop is made", "allow more than one stop"),
    "EXCLUDED_BY_USER": ("forbidden tonight", "allow stops or pick-ups there"),
    "VALUE_BELOW_COST": ("costs more than it gains", "a higher price of a lost trip, if it is one"),
    "FAR_FROM_STREET": ("too far from the streets", "move the point, use a larger extract, allow more distance"),
    "UNREACHABLE": ("out of reach on the streets", "look at one-ways and access on the map"),
}
"""Words for a code, and what can be done about it, in the order in which they are told."""

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_NARROW_SPACE = "\u202f"


def number(value: float | None, digits: int = 0) -> str:
    """`12 345.6`; a dash where there is no number, and never a minus zero."""
    if value is None:
        return "–"
    text = f"{value:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    return text.replace(",", _NARROW_SPACE).replace("-", "−")


def figure(value: float) -> str:
    """`0.0006`, `12.5`: the first three digits of a number and all those before the point, without zeros at the end."""
    digits = 0 if value == 0 else max(0, 2 - math.floor(math.log10(abs(value))))
    text = number(value, digits)
    return text.rstrip("0").rstrip(".") if "." in text else text


def trips(value: float) -> str:
    """Expected trips; tenths only where there are few."""
    return number(value, 1 if abs(value) < 20 else 0)


def signed(value: float, digits: int = 0) -> str:
    """As `number`, with a plus where it grows."""
    text = number(value, digits)
    return text if text.startswith("−") or float(f"{value:.{digits}f}") == 0 else f"+{text}"


def counted(count: int, one: str, many: str | None = None) -> str:
    """`1 stop`, `2 stops`."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def minutes(seconds: int) -> str:
    """`12 min 05 s`."""
    return f"{seconds // 60} min {seconds % 60:02} s"


def sentences(texts: Iterable[str]) -> str:
    """Several remarks as running text, each with an end."""
    return " ".join(text if text.endswith((".", "!", "?")) else f"{text}." for text in texts)


def clock(moment: datetime, *, with_offset: bool = False) -> str:
    """`22:14`, with the offset in a night in which the clocks change."""
    return moment.strftime("%H:%M") + (f" ({moment.isoformat()[-6:]})" if with_offset else "")


def day(moment: datetime) -> str:
    """`Sunday 22 November 2026`, whatever the machine's language."""
    weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    return f"{weekdays[moment.weekday()]} {moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def headline(figures: KeyFigures) -> str:
    """The night in a sentence or two."""
    work, before, after = figures.work, figures.before, figures.after
    if not work.vans_used:
        return "Every van stays in its depot: no move was found that is worth its cost."
    return (
        f"{counted(work.vans_used, 'van')} {'moves' if work.vans_used == 1 else 'move'} "
        f"{counted(work.bikes_moved, 'bike')} in {counted(work.stops, 'stop')} over {number(work.driven_km, 1)} km. "
        f"Trips expected to be lost over the next day: {trips(before.expected_lost_trips)} if nobody moves, "
        f"{trips(after.expected_lost_trips)} with this plan."
    )


def quality(night: Night) -> list[str]:
    """What the plan costs, how far it may be from the best, and why the search ended."""
    result, currency = night.result, night.city.currency
    saved = night.cost_before.total - night.cost_after.total
    whole = (
        f"In all the plan costs {number(result.objective)} {currency}: lost trips, van hours, kilometres, vans used."
    )
    nothing = f"If nobody moves, lost trips alone cost {number(night.cost_before.total)} {currency}"
    if night.revision is not None:
        nothing = f"If vans simply go on, the night costs {number(night.cost_before.total)} {currency}"
    told = [whole, f"{nothing}: the plan saves {number(saved)} {currency}."]
    if result.gap == 0:
        told.append("No plan can cost less; that is proven.")
    else:
        told.append(
            f"No plan can cost less than {number(result.best_bound)} {currency}; that is proven. "
            f"So a better plan could save at most {number(100 * result.gap, 1)} % of this plan's cost (the gap)."
        )
    told.append(ending(result.stop_reason, result.elapsed_s))
    told.append(f"Targets: {targets_in_words(night)}.")
    return told


def demand_in_words(target: Target, bikes: int) -> str:
    """What so many bikes at opening mean for riders; nothing where demand is unknown."""
    demand = target.demand
    if demand is None:
        return ""
    empty, full = number(demand.empty_s[bikes] / 60), number(demand.full_s[bikes] / 60)
    parts = [f"with {counted(bikes, 'bike')} expect {empty} min without a bike and {full} min without a dock"]
    if (worth := target.worth_of_next_in(bikes)) is not None:
        parts.append(f"one more is worth {number(worth, 2)} trips")
    if (worth := target.worth_of_next_out(bikes)) is not None:
        parts.append(f"one less {number(worth, 2)}")
    return "; ".join(parts)


def targets_in_words(night: Night) -> str:
    """Where tonight's targets come from."""
    counts = night.target_sources
    told = []
    if count := counts[TargetSource.DEMAND]:
        demand = night.demand
        days = "" if demand is None else f" (history of {int(demand.rates.watched.sum())} days)"
        told.append(f"{counted(count, 'station')} from demand{days}")
    if count := counts[TargetSource.OPERATOR]:
        told.append(f"{counted(count, 'station')} given by the operator")
    if count := counts[TargetSource.DEFAULT]:
        told.append(f"{counted(count, 'station')} by default, as full as the fleet: no demand is known there")
    return "; ".join(told) or "no station takes part"


def ending(reason: StopReason, elapsed_s: float) -> str:
    """Why and when a search ended."""
    after = f"after {number(elapsed_s, 1)} s"
    return {
        StopReason.OPTIMAL: f"The search ended {after} because this plan is proven best.",
        StopReason.GAP: f"The search ended {after} because the plan was as good as asked for.",
        StopReason.STALLED: f"The search ended {after} because it found nothing better any more.",
        StopReason.TIME_LIMIT: f"The search ended {after} because its time or rounds were used up; more may find more.",
        StopReason.CANCELLED: f"The search was stopped {after}; this is the best plan it had.",
    }[reason]
