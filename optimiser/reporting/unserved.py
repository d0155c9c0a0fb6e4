"""What the plan leaves undone, station by station, each with the reason that its numbers prove."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from optimiser.reporting.night import LeftOut, Night
from optimiser.reporting.reasons import Reason, every_bike_is_needed, gains, not_worth_it, out_of_shift, search_limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    """A station that the plan leaves outside its target, or that could not take part."""

    station_id: str
    name: str
    bikes_missing: int
    bikes_too_many: int
    expected_lost_after: float | None
    """Lost trips over the next day; None for a station that could not take part."""
    reason: Reason

    def as_document(self) -> dict[str, Any]:
        """For JSON: the station's numbers, the kind, and the reason with code, proof and detail."""
        document = asdict(self)
        reason = document.pop("reason")
        return {**document, "kind": reason.pop("kind"), "reasons": [reason]}


def unserved(night: Night) -> tuple[Unserved, ...]:
    """Every station outside its target after the night, most lost trips first, then those that could not take part."""
    problem, final = night.problem, night.timeline.inventories
    outside = [
        station for station in problem.stations if not station.target.low <= final[station.id] <= station.target.high
    ]
    unreachable = out_of_shift(problem, outside)
    open_to_all = every_bike_is_needed(night)
    elsewhere = gains(night)
    entries = [
        Unserved(
            station_id=station.id,
            name=night.place_of_station[station.id].name,
            bikes_missing=max(0, station.target.low - final[station.id]),
            bikes_too_many=max(0, final[station.id] - station.target.high),
            expected_lost_after=station.lost_trips(final[station.id], night.timeline.freed[station.id]),
            reason=(
                unreachable.get(station.id)
                or (open_to_all if final[station.id] < station.target.low else None)
                or not_worth_it(night, station, elsewhere)
                or search_limit(night)
            ),
        )
        for station in outside
    ]
    entries.sort(key=lambda entry: (-(entry.expected_lost_after or 0.0), entry.station_id))
    return (*entries, *(_left_out(night, item) for item in night.left_out))


def _left_out(night: Night, item: LeftOut) -> Unserved:
    reason = Reason(kind="impossible", code=item.code, proof="measured", detail=item.text)
    place = night.place_of_station.get(item.station_id)
    return Unserved(
        station_id=item.station_id,
        name=place.name if place else item.station_id,
        bikes_missing=0,
        bikes_too_many=0,
        expected_lost_after=None,
        reason=reason,
    )
