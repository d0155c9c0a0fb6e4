"""What the plan leaves undone, wish by wish: why, what would let it in, and what else could be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from optimiser.rebalancing.why_not import WhyNot
from optimiser.reporting.night import LeftOut, Night
from optimiser.reporting.reasons import Teller


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One reason, told."""

    code: str
    proof: str
    """`proven` for every van, `counted` or `priced` on this plan, `measured` on the streets, `open` if not proven."""
    detail: str
    """A sentence with the numbers."""
    blocking: dict[str, Any]
    """Which rule, van and place, and by how much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    """Must-do work or a station's target that the plan leaves open, or a station that could not take part."""

    station_id: str
    name: str
    task: str
    """Kind of wish: a field of `Must`, `short` or `spare` of bikes; `take_part` for a station that could not."""
    task_text: str
    amount: int
    bikes_missing: int
    bikes_too_many: int
    expected_lost_after: float | None
    """Lost trips over the next day; None for a station that could not take part."""
    kind: str
    """`impossible`, `conflicts`, `not_worth_it` or `search_limit`."""
    lost_trips: float
    """Of those above, what is lost only because this is open."""
    money: float
    """The price of that and of missing must-do work."""
    reasons: tuple[Told, ...]
    smallest_change: tuple[dict[str, Any], ...] = ()
    alternatives: tuple[dict[str, Any], ...] = ()

    @property
    def reason(self) -> Told:
        """The reason for the kind."""
        return self.reasons[0]

    @property
    def help(self) -> str:
        """The smallest change in a sentence; empty where no single one is enough."""
        if not self.smallest_change:
            return ""
        first = self.smallest_change[0]
        return f"{first['what'][:1].upper()}{first['what'][1:]}: {first['then']}."

    def as_document(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "task_id": f"{self.station_id}:{self.task}",
            "station_id": self.station_id,
            "name": self.name,
            "task": self.task,
            "amount": self.amount,
            "bikes_missing": self.bikes_missing,
            "bikes_too_many": self.bikes_too_many,
            "expected_lost_after": self.expected_lost_after,
            "kind": self.kind,
            "value": {"lost_trips": self.lost_trips, "money": self.money},
            "reasons": [
                {"code": told.code, "proof": told.proof, "detail": told.detail, "blocking": told.blocking}
                for told in self.reasons
            ],
            "smallest_change": list(self.smallest_change),
            "alternatives": list(self.alternatives),
        }


def unserved(night: Night) -> tuple[Unserved, ...]:
    """Missing must-do work and stations outside their target, most valuable first; then who could not take part."""
    entries = [_entry(night, answer) for answer in night.why_not]
    entries.sort(key=lambda entry: (-entry.money, -(entry.expected_lost_after or 0.0), entry.station_id, entry.task))
    return (*entries, *(_left_out(night, item) for item in night.left_out))


def _entry(night: Night, answer: WhyNot) -> Unserved:
    wish, teller = answer.wish, Teller(night=night, wish=answer.wish)
    station, timeline = night.problem.station_by_id[wish.station_id], night.timeline
    return Unserved(
        station_id=wish.station_id,
        name=night.place_of_station[wish.station_id].name,
        task=wish.kind,
        task_text=teller.task(),
        amount=wish.amount,
        bikes_missing=wish.amount if wish.brings else 0,
        bikes_too_many=wish.amount if wish.fetches else 0,
        expected_lost_after=station.lost_trips(timeline.inventories[station.id], timeline.freed[station.id]),
        kind=answer.kind.value,
        lost_trips=wish.lost_trips,
        money=wish.money,
        reasons=tuple(
            Told(
                code=reason.code.value,
                proof=reason.proof.value,
                detail=teller.detail(reason),
                blocking=teller.blocking(reason),
            )
            for reason in answer.reasons
        ),
        smallest_change=tuple(teller.smallest_change(item) for item in answer.smallest_changes),
        alternatives=tuple(teller.alternative(item) for item in answer.alternatives),
    )


def _left_out(night: Night, item: LeftOut) -> Unserved:
    place = night.place_of_station.get(item.station_id)
    blocking = {"place_id": item.station_id, "over_by": item.distance_m, "unit": "m"}
    return Unserved(
        station_id=item.station_id,
        name=place.name if place else item.station_id,
        task="take_part",
        task_text="takes no part",
        amount=1,
        bikes_missing=0,
        bikes_too_many=0,
        expected_lost_after=None,
        kind="impossible",
        lost_trips=0.0,
        money=0.0,
        reasons=(Told(code=item.code, proof="measured", detail=item.text, blocking=blocking),),
    )
