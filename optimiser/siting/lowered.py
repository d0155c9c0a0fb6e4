"""Floors that gave way, one sentence for each district: how far it can be kept, how far it was, and what is proven."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from optimiser.siting.result import Conflict

SAFE = 1e-6
"""Floors that give way are set this much below what was reached, for sums of floating-point numbers."""
SHARES = 100_000
"""Shares that were reached are told in whole steps of one in so many, rounded down, so that asking for them is kept."""
NOISE = 1e-7
"""So little below a step is on it, for sums of floating-point numbers."""

WITHIN_REACH = "have a site within reach"
AT_MOST = "can be at most, whatever money, sites and grid there are"
TOLD = 10
"""Sites or districts in a sentence."""
_NOT_TO_THE_END = (
    "; what else would do was not looked for to the end in the time there was, and more seconds may find it"
)


class Ending(StrEnum):
    """What is known of floors that gave way within the limits: how their sentences end."""

    OPEN = " in the time there was; more seconds may reach more"
    OPEN_FOR_ALL = (
        " in the time there was, and no money or number of sites was found that would do; more seconds may find it"
    )
    PROVEN = "; no plan within the limits keeps all floors"
    PROVEN_WITHIN = (
        f"{PROVEN}, and no money or number of sites was found that would do in the time there was; more seconds may "
        "find it"
    )
    PROVEN_FOR_ALL = "; no plan keeps all floors, whatever money and number of sites there are"
    PROVEN_FOR_ALL_OPEN = f"{PROVEN_FOR_ALL}{_NOT_TO_THE_END}"
    PROVEN_BESIDE_SITES = (
        "; no plan that has the sites asked for keeps all floors, whatever money and number of sites there are"
    )
    PROVEN_BESIDE_SITES_OPEN = f"{PROVEN_BESIDE_SITES}{_NOT_TO_THE_END}"

    @property
    def is_proven(self) -> bool:
        """Whether it is proven that no plan within the limits keeps all floors."""
        return self not in (Ending.OPEN, Ending.OPEN_FOR_ALL)

    def told(self, *, is_settled: bool) -> str:
        """In words, also that more may be reached where it is not settled how far floors have to give way."""
        if is_settled or not self.is_proven:
            return self
        return f" in the time there was, and more seconds may reach more{self}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoweredFloor(Conflict):
    """A floor that gave way, with what else is known of it until all is told."""

    reach: str | None = None
    """What to say of a share that is all that any plan serves; None where more than the floor asks for can be."""
    beside: float | None = None
    """Of such a share, how much can be had beside all other floors, where that is not all of it."""
    ending: Ending | None = None
    """How its sentence ends where it gave way within the limits; None where it was lowered to what is possible."""
    is_settled: bool = False
    """Whether no plan within the limits has floors give way less, all alike."""


def lowered(district: str, floor: float, share: float, reach: str, *, is_proven: bool = True) -> LoweredFloor:
    """A floor that no plan keeps, whatever there is, with the most that any serves."""
    asked, reached = apart(floor, share)
    return LoweredFloor(
        rule="floor",
        ids=(district,),
        asked=floor,
        possible=max(0.0, share - SAFE),
        is_proven=is_proven,
        is_impossible=True,
        text=f"{asked} of district {district} are to be served, {reached} {reach}",
        reach=reach,
    )


def given_up(
    district: str,
    floor: float,
    share: float,
    ending: Ending = Ending.OPEN,
    *,
    near: LoweredFloor | None = None,
    is_settled: bool = False,
) -> LoweredFloor:
    """Told once, also where less was reached than any plan serves, which is `near` what was asked for."""
    possible = math.floor((share + NOISE) * SHARES) / SHARES
    asked, *at_most, reached = apart(floor, *([] if near is None else [near.possible + SAFE]), possible)
    near_told = "" if near is None else f" {at_most[0]} {near.reach}, and"
    text = f"{asked} of district {district} are to be served,{near_told} within the limits {reached} were reached"
    return LoweredFloor(
        rule="floor",
        ids=(district,),
        asked=floor,
        possible=possible,
        is_proven=False,
        is_impossible=near is not None or ending.is_proven,
        text=f"{text}{ending.told(is_settled=is_settled)}",
        ending=ending,
        is_settled=is_settled,
    )


def apart(asked: float, *reached: float) -> list[str]:
    """All in per cent with as many digits as tell them apart; what is reached is rounded down."""
    told = [[f"{asked:.{digits}%}", *(_down(share, digits) for share in reached)] for digits in range(1, 6)]
    return next((texts for texts in told if len(set(texts)) == len(texts)), told[-1])


def _down(share: float, digits: int = 1) -> str:
    """In per cent, rounded down."""
    return f"{math.floor(share * 10 ** (digits + 2) + 1e-9) / 10 ** (digits + 2):.{digits}%}"


def with_ending(conflict: Conflict, ending: Ending) -> Conflict:
    """The same floor that gave way within the limits, with what is known by now."""
    is_settled = isinstance(conflict, LoweredFloor) and conflict.is_settled
    return given_up(conflict.ids[0], conflict.asked, conflict.possible, ending, is_settled=is_settled)


def settled(conflicts: Sequence[Conflict]) -> tuple[Conflict, ...]:
    """The same, where no plan within the limits has floors give way less."""
    return tuple(replace(item, is_settled=True) if isinstance(item, LoweredFloor) else item for item in conflicts)


def of_district(conflicts: Sequence[Conflict], district: str) -> tuple[LoweredFloor | None, LoweredFloor | None]:
    """Its floor as lowered to what is possible, and as far as it was kept within the limits, where it gave way."""
    items = [item for item in conflicts if isinstance(item, LoweredFloor) and item.ids == (district,)]
    nears = [item for item in items if item.ending is None]
    within = [item for item in items if item.ending is not None]
    near = nears[-1] if nears else None
    if near is not None and len(nears) > 1:
        # Lowered to those who have a site within reach, and then to those of them who can be served.
        told = lowered(district, nears[0].asked, near.possible + SAFE, near.reach or "", is_proven=near.is_proven)
        near = replace(told, beside=near.beside)
    return near, replace(within[0], possible=within[-1].possible) if within else None


def lowest(conflicts: Sequence[Conflict]) -> list[LoweredFloor]:
    """Of each district whose floor no plan keeps, the most that can be kept of it."""
    districts = dict.fromkeys(item.ids[0] for item in conflicts if isinstance(item, LoweredFloor))
    nears = (of_district(conflicts, district)[0] for district in districts)
    return [near for near in nears if near is not None]


def as_one(near: LoweredFloor | None, within: LoweredFloor | None) -> tuple[Conflict, ...]:
    """What is told of one district."""
    if within is None:
        return () if near is None else (near,)
    asked = within.asked if near is None else near.asked
    ending, is_settled = within.ending or Ending.OPEN, within.is_settled
    return (given_up(within.ids[0], asked, within.possible, ending, near=near, is_settled=is_settled),)


def for_lowered(item: Conflict, lowered: Sequence[LoweredFloor]) -> Conflict:
    """What would do for floors does so for those that were lowered as far as they can be kept, which is said."""
    text = item.text
    in_reach = [other.ids[0] for other in lowered if (other.reach or "").startswith(WITHIN_REACH)]
    if in_reach:
        others = f" and {len(in_reach) - TOLD} more" if len(in_reach) > TOLD else ""
        which = f"district{'' if len(in_reach) == 1 else 's'} {', '.join(in_reach[:TOLD])}{others}"
        text += f"; in {which} for as many as {WITHIN_REACH}"
    shares = [
        f"{_down(other.possible + SAFE if other.beside is None else other.beside)} of district {other.ids[0]}"
        for other in lowered
        if other.ids[0] not in in_reach
    ]
    if shares:
        others = f" and {len(shares) - TOLD} more" if len(shares) > TOLD else ""
        text += f"; then {', '.join(shares[:TOLD])}{others} {'is' if len(shares) == 1 else 'are'} served"
    return replace(item, text=text)
