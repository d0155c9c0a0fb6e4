"""Reasons in words: what `why_not` found, as sentences with the numbers, and as blocks for documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from optimiser.basics.result import StopReason
from optimiser.rebalancing.plan import Stop
from optimiser.rebalancing.why_not import (
    Alternative,
    Change,
    Code,
    Effect,
    Insertion,
    Proof,
    Reason,
    SmallestChange,
    Wish,
)
from optimiser.reporting import words
from optimiser.reporting.night import Night


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Tells one wish of one night."""

    night: Night
    wish: Wish

    def detail(self, reason: Reason) -> str:
        """One reason as a sentence."""
        if reason.code is Code.SEARCH_LIMIT:
            return self._search_limit(reason)
        if reason.code is Code.VALUE_BELOW_COST:
            return self._too_dear(reason)
        if reason.proof is Proof.PROVEN:
            return self._proven(reason)
        if reason.proof is Proof.COUNTED:
            return self._counted(reason)
        return f"{self._way(reason.insertion)} {_sentence(self._broken(reason))}"

    def blocking(self, reason: Reason) -> dict[str, Any]:
        """What is in the way, for programs."""
        unit = _UNITS.get(
            reason.rule, "money" if reason.code in {Code.VALUE_BELOW_COST, Code.SEARCH_LIMIT} else "bikes"
        )
        return {
            "rule": reason.rule or None,
            "van_id": reason.van_id or (reason.insertion.van_id if reason.insertion else None),
            "place_id": reason.place_id or None,
            "over_by": reason.amount,
            "unit": unit,
        }

    def smallest_change(self, item: SmallestChange) -> dict[str, Any]:
        """One change of the night and what it brings, in words and for programs."""
        change = item.change
        return {
            "path": change.path,
            "what": self._changed(change),
            "by": change.by,
            "to": sorted(change.to) if isinstance(change.to, frozenset) else change.to,
            "then": self._then(item.effect),
            "pays": item.effect.pays,
            "delta": item.effect.delta,
            "units": item.effect.units,
            "insertion": self._insertion(item.insertion),
        }

    def alternative(self, item: Alternative) -> dict[str, Any]:
        """More work that fits as things are."""
        return {
            "van_id": item.insertion.van_id,
            "position": item.insertion.position,
            "what": self._way(item.insertion),
            "delta": item.effect.delta,
            "units": item.effect.units,
            "insertion": self._insertion(item.insertion),
        }

    def task(self) -> str:
        """The wish itself: `4 bikes short of target`, `must: 2 swaps`."""
        amount = self.wish.amount
        return {
            "visit": "must: a visit",
            "low": f"must: {words.counted(amount, 'bike')} more",
            "high": f"must: {words.counted(amount, 'bike')} less",
            "swaps": f"must: {words.counted(amount, 'swap')}",
            "broken": f"must: {words.counted(amount, 'broken bike')} taken home",
            "short": f"{words.counted(amount, 'bike')} short of target",
            "spare": f"{words.counted(amount, 'bike')} above target",
        }[self.wish.kind]

    def _search_limit(self, reason: Reason) -> str:
        result = self.night.result
        ended = f"the search ended first ({_ENDINGS[result.stop_reason]} after {result.elapsed_s:.0f} s)"
        if reason.insertion is not None:
            return f"{self._way(reason.insertion)} Saves {self._money(-reason.amount)}; {ended}."
        return (
            f"May fit: {ended}. At most {100 * result.gap:.1f} % of the whole plan's cost could still be saved, "
            f"this station included."
        )

    def _too_dear(self, reason: Reason) -> str:
        if reason.proof is Proof.PROVEN:
            total = self._money(self.night.result.objective)
            return f"The plan is proven best at {total}: no plan that does this costs less."
        changed = f", were it possible ({self._changed(reason.change)})" if reason.change else ""
        return f"{self._way(reason.insertion)} Costs {self._money(reason.amount)} more than it gains{changed}."

    def _counted(self, reason: Reason) -> str:
        if reason.place_id:
            return "Nothing can be done here tonight: no dock is free for more, or what is asked for is not there."
        asked, there = round(reason.least), round(reason.least - reason.amount)
        return (
            f"The targets ask for {asked} bikes, the stations have {there}. Each stands where a target asks for it "
            f"and none is left on a van or in a depot: a bike brought here would be missing elsewhere."
        )

    def _proven(self, reason: Reason) -> str:
        van, one = reason.van_id, _ONE[self.wish.kind]
        over, least = round(reason.amount), round(reason.least)
        if not self.night.problem.vans:
            return "No van works tonight."
        if reason.rule == "shift_end":
            shift = self.night.problem.van_by_id[van]
            return (
                f"Depot, this station, {one} and back take at least {words.minutes(least)}; the shift of {van} is "
                f"{words.minutes(shift.shift_end_s - shift.shift_start_s)}, {words.minutes(over)} too short, "
                f"and no other van comes closer."
            )
        must = self.wish.amount
        return {
            "time_window": f"No van can be done before the station closes; {van} comes closest, "
            f"{words.minutes(over)} too late.",
            "range": f"Depot, this station and back are at least {least} m, {over} m beyond the range of {van}; "
            f"no other van comes closer.",
            "skills": f"No van has the skills needed here: {self._needs()}.",
            "batteries": "No van has a charged battery tonight.",
            "no_bikes": "There is no ready bike that a van could bring.",
            "no_room": "No depot has room for a bike from here, and no other station a dock.",
            "nothing_there": f"{must} more asked for than the {least} that stand there.",
            "station_inventory": f"At most {least} bikes fit here, {must} more are asked for.",
        }.get(reason.rule, _sentence(self._broken(reason)))

    def _broken(self, reason: Reason) -> str:
        """What would be broken, after the van and the place."""
        place, over = self._name(reason.place_id or self.wish.station_id), round(reason.amount)
        return {
            "shift_end": f"back {words.minutes(over)} after the shift ends",
            "break_time": f"the break would miss its time by {words.minutes(over)}",
            "range": f"{over} m beyond the range",
            "time_window": f"away from {place} {words.minutes(over)} after it closes",
            "van_capacity": f"{words.counted(over, 'slot')} too few",
            "batteries": f"{words.counted(over, 'battery', 'batteries')} too few",
            "station_inventory": f"{words.counted(over, _lacked(reason))} too few at {place} at that moment",
            "depot_stock": f"{words.counted(over, _lacked(reason))} too few in {place}",
            "skills": f"{reason.van_id} has not all the skills needed: {self._needs()}",
            "forbidden": f"no van may stop at {place}",
            "pickup_forbidden": f"no ready bike may be taken from {place}",
            "dropoff_forbidden": f"no ready bike may be brought to {place}",
            "one_visit": f"one stop is allowed at {place}, and the plan makes it",
        }.get(reason.rule, reason.rule)

    def _way(self, insertion: Insertion | None) -> str:
        """`van-2: fetch 4 bikes more at Station C (its stop 2), bring 4 bikes to Station B (after its stop 3).`"""
        if insertion is None:
            return "The plan as it is."
        steps = [(gap, 0, stop, self._between(insertion.van_id, gap)) for gap, stop in insertion.new]
        steps += [(index, 1, stop, f"more, at its stop {index + 1}") for index, stop in insertion.more]
        steps.sort(key=_order)
        told = [f"{_work(stop)} {self._name(stop.station_id)} ({where})" for _, _, stop, where in steps]
        if insertion.more_at_start:
            told.insert(0, f"load {words.counted(insertion.more_at_start, 'bike')} more before it leaves")
        return f"{insertion.van_id}: {', '.join(told)}."

    def _between(self, van_id: str, gap: int) -> str:
        """Where in a van's route a new stop is."""
        stops = next((timed.stops for timed in self.night.timeline.routes if timed.van_id == van_id), ())
        if not stops:
            return "its only work"
        return f"after its stop {gap}" if gap else "before its first stop"

    def _changed(self, change: Change) -> str:
        """`the shift of van-2 12 min 00 s longer`."""
        name, by = self._name(change.id), change.by or 0
        count = round(abs(by))
        currency = self.night.city.currency
        return {
            "shift_end_s": f"the shift of {name} {words.minutes(count)} longer",
            "break_.latest_s": f"the break of {name} up to {words.minutes(count)} later",
            "break_.earliest_s": f"the break of {name} up to {words.minutes(count)} earlier",
            "range_m": f"{count} m more range for {name}",
            "slots": f"{words.counted(count, 'slot')} more in {name}",
            "batteries": f"{words.counted(count, 'battery', 'batteries')} more in {name}",
            "skills": f"{name} with {', '.join(sorted(change.to)) if isinstance(change.to, frozenset) else ''}",
            "closes_s": f"{name} open {words.minutes(count)} longer",
            "capacity": f"{words.counted(count, 'dock')} more at {name}",
            "stock": f"{words.counted(count, 'bike')} more in the stock of {name}",
            "room": f"room for {words.counted(count, 'bike')} more in {name}",
            "may_call": f"calls in mid-shift allowed at {name}",
            "is_forbidden": f"stops allowed at {name}",
            "may_pick_up": f"bikes may be taken from {name}",
            "may_drop_off": f"bikes may be brought to {name}",
            "once": f"more than one stop allowed at {name}",
            "lost_trip": f"a lost trip priced {by:.2f} {currency} higher",
            "must": f"must-do work priced {by:.2f} {currency} higher",
        }.get(change.field, f"{count} less asked for at {name}")

    def _then(self, effect: Effect) -> str:
        done = "served" if effect.units >= self.wish.amount else f"{effect.units} of {self.wish.amount} served"
        if effect.pays:
            return f"{done}, saves {self._money(-effect.delta)}"
        return f"{done}, costs {self._money(effect.delta)} more than it gains"

    def _insertion(self, insertion: Insertion | None) -> dict[str, Any] | None:
        if insertion is None:
            return None
        return {
            "van_id": insertion.van_id,
            "new_stops": [{"before_stop": gap, **_numbers(stop)} for gap, stop in insertion.new],
            "more_at_stops": [{"at_stop": index, **_numbers(stop)} for index, stop in insertion.more],
            "more_at_start": insertion.more_at_start,
        }

    def _needs(self) -> str:
        return ", ".join(sorted(self.night.problem.station_by_id[self.wish.station_id].needs))

    def _name(self, id_: str) -> str:
        """What a place is called; ids of vans, and of what has no name, as they are."""
        if (station := self.night.place_of_station.get(id_)) is not None:
            return station.name
        return next((depot.name for depot in self.night.depots if depot.id == id_), id_)

    def _money(self, amount: float) -> str:
        return f"{amount:.2f} {self.night.city.currency}"


def _lacked(reason: Reason) -> str:
    """What is too few where something would be held that cannot be."""
    if reason.code is Code.NO_SURPLUS_LEFT:
        return "bike"
    return "dock" if reason.rule == "station_inventory" else "place"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _order(step: tuple[int, int, Stop, str]) -> tuple[int, int]:
    """New stops come before the stop of the plan that has their number."""
    return step[0], step[1]


def _work(stop: Stop) -> str:
    """What is done at a stop, up to the place's name."""
    told = [
        f"{verb} {words.counted(count, one, many)} {link}"
        for verb, count, one, many, link in (
            ("fetch", stop.pickup, "bike", "bikes", "from"),
            ("bring", stop.dropoff, "bike", "bikes", "to"),
            ("swap", stop.swaps, "battery", "batteries", "at"),
            ("take", stop.broken_pickup, "broken bike", "broken bikes", "from"),
        )
        if count
    ]
    return " and ".join(told) or "call at"


def _numbers(stop: Stop) -> dict[str, Any]:
    """What a stop does, without what it does not."""
    done = {
        "pickup": stop.pickup,
        "dropoff": stop.dropoff,
        "swaps": stop.swaps,
        "broken_pickup": stop.broken_pickup,
    }
    return {"station_id": stop.station_id, **{name: count for name, count in done.items() if count}}


_ENDINGS = {
    StopReason.OPTIMAL: "the plan is as good as proven best",
    StopReason.GAP: "the gap asked for was reached",
    StopReason.STALLED: "nothing better was found for a while",
    StopReason.TIME_LIMIT: "its time or rounds were used up",
    StopReason.CANCELLED: "it was stopped",
}

_ONE = {
    "visit": "a call",
    "low": "one bike",
    "high": "one bike",
    "swaps": "one swap",
    "broken": "one broken bike",
    "short": "one bike",
    "spare": "one bike",
}

_UNITS = {
    "shift_end": "s",
    "break_time": "s",
    "time_window": "s",
    "range": "m",
    "van_capacity": "slots",
    "batteries": "batteries",
    "skills": "skills",
    "one_visit": "stops",
    "forbidden": "stops",
}
