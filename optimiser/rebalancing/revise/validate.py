"""Everything that is wrong with what a dispatcher tells, at once and located."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields

from optimiser.basics.findings import Findings
from optimiser.rebalancing.check import known_ids, one_route_per_van
from optimiser.rebalancing.plan import Plan, Stop
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.revise.given import (
    Event,
    Freeze,
    Position,
    Stability,
    StationChanged,
    StationSeen,
    TaskAdded,
    VanLate,
    VanLost,
    VanReport,
)

SOURCE = "revision"


def require_possible(
    problem: Problem,
    plan: Plan,
    *,
    at_s: int,
    reports: Sequence[VanReport],
    freeze: Freeze,
    events: Sequence[Event],
    stability: Stability,
) -> None:
    """Raise InvalidInput with every error found."""
    told = _Told(problem, plan)
    told.at_least(at_s, 0, "/at_s")
    for violation in (*known_ids(problem, plan), *one_route_per_van(plan)):
        told.error(violation.rule, violation.text, "/plan", value=" ".join(violation.ids))
    told.once([report.van_id for report in reports], "/reports", "van")
    for number, report in enumerate(reports):
        told.report(report, f"/reports/{number}")
    told.freeze(freeze)
    told.once([event.van_id for event in events if isinstance(event, VanLost)], "/events", "lost van")
    for number, event in enumerate(events):
        told.event(event, f"/events/{number}")
    for name in ("per_stop", "per_detail"):
        price = getattr(stability, name)
        if not (math.isfinite(price) and price >= 0):
            told.error("price", "must be finite and at least 0", f"/stability/{name}", value=price)
    if stability.max_changed is not None:
        told.at_least(stability.max_changed, 0, "/stability/max_changed")
    told.findings.raise_errors("revision")


class _Told:
    """Collects what is wrong."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem = problem
        self.routes = {route.van_id: route.stops for route in plan.routes}
        self.findings = Findings()

    def error(self, code: str, message: str, where: str, *, value: object = None, hint: str = "") -> None:
        self.findings.error(code, message, source=SOURCE, where=where, value=value, hint=hint)

    def at_least(self, value: int, least: int, where: str) -> None:
        if not isinstance(value, int) or value < least:
            self.error("count", f"{value} is not a whole number of at least {least}", where, value=value)

    def once(self, ids: Sequence[str], where: str, what: str) -> None:
        for id_, count in Counter(ids).items():
            if count > 1:
                self.error("twice", f"{what} {id_} is told of {count} times", where, value=id_)

    def van(self, van_id: str, where: str) -> None:
        if van_id not in self.problem.van_by_id:
            self.error("unknown_van", f"there is no van {van_id}", where, value=van_id)

    def station(self, station_id: str, where: str) -> bool:
        if station_id not in self.problem.station_by_id:
            self.error("unknown_station", f"there is no station {station_id}", where, value=station_id)
        return station_id in self.problem.station_by_id

    def index(self, van_id: str, index: int, where: str) -> bool:
        count = len(self.routes.get(van_id, ()))
        is_there = isinstance(index, int) and 0 <= index < count
        if not is_there:
            hint = f"0..{count - 1}" if count else "it has no stops"
            self.error("unknown_stop", f"van {van_id} has no stop {index}", where, value=index, hint=hint)
        return is_there

    def report(self, report: VanReport, where: str) -> None:
        self.van(report.van_id, f"{where}/van_id")
        self.at_least(report.behind_s, 0, f"{where}/behind_s")
        stops = self.routes.get(report.van_id, ())
        if report.done is not None and not 0 <= report.done <= len(stops):
            self.error(
                "unknown_stop", f"{report.done} stops of {len(stops)} are done", f"{where}/done", value=report.done
            )
        indices = [*report.skipped, *(outcome.index for outcome in report.outcomes)]
        self.once([str(index) for index in indices], where, "stop")
        for index in sorted(report.skipped):
            self.is_behind(report, index, f"{where}/skipped")
        for number, outcome in enumerate(report.outcomes):
            here = f"{where}/outcomes/{number}"
            if self.is_behind(report, outcome.index, f"{here}/index"):
                planned = stops[outcome.index].station_id
                if outcome.stop.station_id != planned:
                    self.error(
                        "other_place",
                        f"stop {outcome.index} of van {report.van_id} is at {planned}",
                        f"{here}/stop/station_id",
                        value=outcome.stop.station_id,
                    )
                self.quantities(outcome.stop, f"{here}/stop")
        if report.position is not None:
            self.position(report.van_id, report.position, f"{where}/position")

    def is_behind(self, report: VanReport, index: int, where: str) -> bool:
        is_there = self.index(report.van_id, index, where)
        if is_there and report.done is not None and index >= report.done:
            text = f"stop {index} of van {report.van_id} is told of, but only {report.done} are done"
            self.error("not_done", text, where, value=index)
        return is_there

    def quantities(self, stop: Stop, where: str) -> None:
        for field in fields(stop):
            if field.name != "station_id":
                self.at_least(getattr(stop, field.name), 0, f"{where}/{field.name}")

    def position(self, van_id: str, position: Position, where: str) -> None:
        if position.place_id not in self.problem.station_by_id and position.place_id not in self.problem.depot_ids:
            text = f"there is no station or depot {position.place_id}"
            self.error("unknown_place", text, f"{where}/place_id", value=position.place_id)
        loads = (position.load, position.low_load, position.broken_load)
        for name in ("load", "low_load", "broken_load"):
            self.at_least(getattr(position, name), 0, f"{where}/{name}")
        if position.batteries is not None:
            self.at_least(position.batteries, 0, f"{where}/batteries")
        van = self.problem.van_by_id.get(van_id)
        if van is not None and position.batteries is not None and position.batteries > van.batteries:
            text = f"van {van_id} has {van.batteries} batteries"
            self.error("batteries", text, f"{where}/batteries", value=position.batteries)
        if van is not None and sum(loads) > van.slots:
            text = f"van {van_id} has {van.slots} slots"
            self.error("van_capacity", text, f"{where}/load", value=sum(loads))

    def freeze(self, freeze: Freeze) -> None:
        if freeze.until_s is not None:
            self.at_least(freeze.until_s, 0, "/freeze/until_s")
        self.at_least(freeze.stops_per_van, 0, "/freeze/stops_per_van")
        for number, (van_id, index) in enumerate(freeze.stops):
            self.van(van_id, f"/freeze/stops/{number}/0")
            self.index(van_id, index, f"/freeze/stops/{number}/1")

    def event(self, event: Event, where: str) -> None:
        match event:
            case VanLost(van_id=van_id):
                self.van(van_id, f"{where}/van_id")
            case VanLate(van_id=van_id, late_s=late_s):
                self.van(van_id, f"{where}/van_id")
                self.at_least(late_s, 0, f"{where}/late_s")
            case TaskAdded(station_id=station_id, must=must):
                self.station(station_id, f"{where}/station_id")
                for name in ("swaps", "broken"):
                    self.at_least(getattr(must, name), 0, f"{where}/must/{name}")
                ends = [end for end in (must.low, must.high) if end is not None]
                if min(ends, default=0) < 0 or ends != sorted(ends):
                    text = f"{must.low}..{must.high} bikes is reversed or below 0"
                    self.error("interval", text, f"{where}/must", value=ends)
            case StationSeen(station_id=station_id):
                self.station(station_id, f"{where}/station_id")
                for name in ("inventory", "low_charge", "broken"):
                    if getattr(event, name) is not None:
                        self.at_least(getattr(event, name), 0, f"{where}/{name}")
            case StationChanged(station=station):
                self.station(station.id, f"{where}/station/id")
