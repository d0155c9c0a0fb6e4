"""The answer for one wish: what kind of thing is in the way, the reasons, what would help, what else there is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from optimiser.rebalancing.why_not.changes import Change
from optimiser.rebalancing.why_not.insertion import Insertion
from optimiser.rebalancing.why_not.trial import Effect
from optimiser.rebalancing.why_not.wishes import Wish


class Kind(StrEnum):
    """Why something is left undone, in one word."""

    IMPOSSIBLE = "impossible"
    """No van could do one unit of it, even with nothing else to do; proven."""
    CONFLICTS = "conflicts"
    """A van could do it alone, but in this plan none can."""
    NOT_WORTH_IT = "not_worth_it"
    """It fits, and costs at least as much as it gains."""
    SEARCH_LIMIT = "search_limit"
    """It fits and would pay, and the search ended before; or nothing is proven."""


class Code(StrEnum):
    """Names of reasons; what can be done about each is in the docs."""

    UNREACHABLE = "UNREACHABLE"
    CAPACITY = "CAPACITY"
    SKILL = "SKILL"
    TIME_WINDOW = "TIME_WINDOW"
    SHIFT_TIME = "SHIFT_TIME"
    RANGE = "RANGE"
    SWAP_PACKS = "SWAP_PACKS"
    NO_SURPLUS_LEFT = "NO_SURPLUS_LEFT"
    DOCKS_FULL = "DOCKS_FULL"
    ZONE_NO_DROP = "ZONE_NO_DROP"
    POLICY_CAP = "POLICY_CAP"
    EXCLUDED_BY_USER = "EXCLUDED_BY_USER"
    VALUE_BELOW_COST = "VALUE_BELOW_COST"
    SEARCH_LIMIT = "SEARCH_LIMIT"


class Proof(StrEnum):
    """How far a reason holds."""

    PROVEN = "proven"
    """For every plan, or for every van alone."""
    COUNTED = "counted"
    """For this plan, by counting bikes."""
    PRICED = "priced"
    """For this plan, by trying the insertion that is told."""
    OPEN = "open"
    """Nothing is proven."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One true reason, with its numbers."""

    code: Code
    proof: Proof
    rule: str = ""
    """The rule of `check` that would be broken, or what is proven: `no_bikes`, `nothing_there`, `no_room`."""
    van_id: str = ""
    place_id: str = ""
    """Station or depot where the rule would be broken."""
    amount: float = 0.0
    """By how much: seconds, metres, bikes, batteries, money."""
    least: float = 0.0
    """Of a proof: what one unit takes at least; where prices decide, what the insertion gains at stations."""
    insertion: Insertion | None = None
    """The cheapest way found that has this reason against it."""
    change: Change | None = None
    """The change that alone would let this insertion in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallestChange:
    """One change of the night, and what is then done."""

    change: Change
    insertion: Insertion | None
    """Keeps every rule once the change is made; None where the plan as it is then leaves nothing undone."""
    effect: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """More work that keeps every rule as things are."""

    insertion: Insertion
    effect: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot:
    """Why one wish is left undone, or done in part only."""

    wish: Wish
    kind: Kind
    reasons: tuple[Reason, ...]
    """One at least; the first is the reason for the kind."""
    smallest_changes: tuple[SmallestChange, ...]
    """The smallest of each sort, those that pay first; empty where no single change is enough."""
    alternatives: tuple[Alternative, ...]
    """Cheapest first, one a van."""


def untried(wish: Wish) -> WhyNot:
    """What is told of a wish that nobody had the time to look into."""
    reason = Reason(code=Code.SEARCH_LIMIT, proof=Proof.OPEN)
    return WhyNot(wish=wish, kind=Kind.SEARCH_LIMIT, reasons=(reason,), smallest_changes=(), alternatives=())


def code_of(rule: str, *, is_short: bool = False) -> Code:
    """Code of a broken rule; `is_short` where something held fewer bikes than none, rather than too many."""
    if rule in {"station_inventory", "depot_stock"}:
        return Code.NO_SURPLUS_LEFT if is_short else Code.DOCKS_FULL
    return _CODES[rule]


_CODES = {
    "van_capacity": Code.CAPACITY,
    "batteries": Code.SWAP_PACKS,
    "shift_end": Code.SHIFT_TIME,
    "break_time": Code.SHIFT_TIME,
    "range": Code.RANGE,
    "time_window": Code.TIME_WINDOW,
    "skills": Code.SKILL,
    "forbidden": Code.EXCLUDED_BY_USER,
    "pickup_forbidden": Code.EXCLUDED_BY_USER,
    "dropoff_forbidden": Code.ZONE_NO_DROP,
    "one_visit": Code.POLICY_CAP,
    "no_bikes": Code.NO_SURPLUS_LEFT,
    "no_room": Code.DOCKS_FULL,
    "nothing_there": Code.NO_SURPLUS_LEFT,
}
