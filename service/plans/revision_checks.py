"""Whether what is told of a running night fits its plan: everything that does not, at once and located."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from optimiser.basics.findings import Findings
from scenarios.schema_errors import nearest
from service.jobs.requests import check_seconds, read_model
from service.plans.revision_parts import Parts, parts_of, readable_parts
from service.plans.shapes import AddedTask, LateVan, LostVan, RevisionRequest, SeenStation, VanPosition, VanTold
from service.settings import Settings

LATEST = timedelta(days=1)
"""So long after the last shift nobody revises its night any more."""


def read_asked(
    told: Any, document: Mapping[str, Any], settings: Settings, findings: Findings
) -> RevisionRequest | None:
    """
    The revision that `told` asks of the plan in `document`, a `plan.json`; None where its form is wrong.

    Noted is everything that is wrong: with its form, with its limits, and what of it does not fit the plan.
    """
    check_seconds(told, settings, findings)
    asked = read_model(RevisionRequest, told, findings)
    _Plan(document, findings).check(readable_parts(told) if asked is None else parts_of(asked))
    return asked


class _Plan:
    """A plan as its document tells it, and what is wrong with what is told of it."""

    def __init__(self, document: Mapping[str, Any], findings: Findings) -> None:
        self.findings = findings
        self.vans = {van["van_id"]: van for van in document["vans"]}
        self.stops = {route["van_id"]: [stop["station_id"] for stop in route["stops"]] for route in document["routes"]}
        self.stations = {station["station_id"] for station in document["stations"]}
        self.depots = {depot["depot_id"] for depot in document["depots"]}
        self.start = datetime.fromisoformat(document["night_start"])
        revision = document.get("revision") or {}
        self.revised = datetime.fromisoformat(revision["at"]) if revision else None
        ends = [datetime.fromisoformat(van["shift_end"]) for van in document["vans"]]
        self.end = max(ends, default=self.start) + LATEST

    def check(self, parts: Parts) -> None:
        if parts.at is not None:
            self.moment(parts.at)
        self.once((told.van_id for told in parts.reports if told), "/reports", "van")
        for number, told in enumerate(parts.reports):
            if told is not None:
                self.report(told, f"/reports/{number}")
        for number, frozen in enumerate(parts.frozen):
            here = f"/freeze/stops/{number}"
            if frozen is not None and self.van(frozen.van_id, here):
                self.stop(frozen.van_id, frozen.stop, f"{here}/stop")
        self.once((event.van_id for event in parts.events if isinstance(event, LostVan)), "/events", "lost van")
        for number, event in enumerate(parts.events):
            here = f"/events/{number}"
            if isinstance(event, LostVan | LateVan):
                self.van(event.van_id, here)
            elif isinstance(event, AddedTask | SeenStation):
                self.known(event.station_id, self.stations, "unknown_station", "station", f"{here}/station_id")
            if isinstance(event, AddedTask) and None not in (event.low, event.high) and event.low > event.high:  # type: ignore[operator]
                text = f"{event.low}..{event.high} bikes is reversed"
                self.error("interval", text, f"{here}/low", event.low, "low is at most high")

    def error(self, code: str, text: str, where: str, value: object, hint: str = "") -> None:
        self.findings.error(code, text, source="request", where=where, value=value, hint=hint)

    def moment(self, at: datetime) -> None:
        earliest = self.revised or self.start
        if at < earliest:
            what = "the revision that this is one of" if self.revised else "the night begins"
            text = f"{at.isoformat()} is before {what}, {earliest.isoformat()}"
            self.error("before_the_night", text, "/at", at.isoformat(), f"{earliest.isoformat()} or later")
        elif at > self.end:
            text = f"{at.isoformat()} is long after the last shift of the night"
            self.error("after_the_night", text, "/at", at.isoformat(), f"{self.end.isoformat()} at the latest")

    def once(self, ids: Iterable[str], where: str, what: str) -> None:
        for id_, count in Counter(ids).items():
            if count > 1:
                self.error("told_twice", f"{what} {id_} is told of {count} times", where, id_, "once")

    def known(self, id_: str, ids: Iterable[str], code: str, what: str, where: str) -> bool:
        if id_ in ids:
            return True
        guess = nearest(id_, ids)
        hint = f"did you mean {guess}?" if guess else f"a {what} of the plan"
        self.error(code, f"there is no {what} {id_}", where, id_, hint)
        return False

    def van(self, van_id: str, where: str) -> bool:
        return self.known(van_id, self.vans, "unknown_van", "van", f"{where}/van_id")

    def stop(self, van_id: str, index: int, where: str) -> bool:
        stops = self.stops.get(van_id, ())
        if index < len(stops):
            return True
        hint = f"0..{len(stops) - 1}" if stops else "it has no stops"
        self.error("unknown_stop", f"van {van_id} has no stop {index}", where, index, hint)
        return False

    def report(self, told: VanTold, where: str) -> None:
        if not self.van(told.van_id, where):
            return
        stops = self.stops.get(told.van_id, ())
        if told.done is not None and told.done > len(stops):
            text = f"{told.done} stops are done, van {told.van_id} has {len(stops)}"
            self.error("unknown_stop", text, f"{where}/done", told.done, f"at most {len(stops)}")
        places = [(index, f"{where}/skipped/{number}") for number, index in enumerate(told.skipped)]
        places += [(made.stop, f"{where}/outcomes/{number}/stop") for number, made in enumerate(told.outcomes)]
        self.once((str(index) for index, _ in places), where, "stop")
        for index, place in places:
            if self.stop(told.van_id, index, place) and told.done is not None and index >= told.done:
                text = f"stop {index} of van {told.van_id} is told of, but only {told.done} are done"
                self.error("not_done", text, place, index, f"at least {index + 1} for done")
        if told.position is not None:
            self.position(told.position, self.vans[told.van_id], stops, f"{where}/position")

    def position(self, told: VanPosition, van: Mapping[str, Any], stops: Sequence[str], where: str) -> None:
        known = {*self.stations, *self.depots, *stops}
        self.known(told.place_id, known, "unknown_place", "station or depot", f"{where}/place_id")
        loads = told.load + told.low_charge_load + told.broken_load
        if loads > van["slots"]:
            text = f"{loads} bikes are on board of van {van['van_id']}"
            self.error("van_capacity", text, f"{where}/load", told.load, f"it has {van['slots']} slots")
        if told.batteries is not None and told.batteries > van["batteries"]:
            text = f"{told.batteries} batteries are on board of van {van['van_id']}"
            self.error("batteries", text, f"{where}/batteries", told.batteries, f"it has {van['batteries']}")
