"""Rules about clock and distance."""

from __future__ import annotations

from collections.abc import Iterator

from optimiser.basics.result import Violation
from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.replay import Timeline


def shift_end(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """A van is back in its depot before its shift ends."""
    for route in timeline.routes:
        van = problem.van_by_id[route.van_id]
        late_s = route.end_s - van.shift_end_s
        if late_s > 0:
            yield Violation(
                rule="shift_end",
                ids=(van.id,),
                amount=late_s,
                text=f"van {van.id} is back {late_s} s after its shift ends",
            )


def break_time(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """
    A break begins between its earliest and its latest start, and is taken on a route that ends after the latest.

    Nobody waits for a break: it begins when the stop before it is done.
    """
    for route in timeline.routes:
        van, before = problem.van_by_id[route.van_id], route.route.break_before
        amount, text = 0, ""
        if before is not None and van.break_ is None:
            amount, text = 1, f"van {van.id} takes a break, it has none"
        elif before is not None and not 0 <= before <= len(route.stops):
            amount, text = 1, f"van {van.id} takes its break before stop {before}, it has stops 0..{len(route.stops)}"
        elif van.break_ is not None and route.break_start_s is not None:
            early_s, late_s = van.break_.earliest_s - route.break_start_s, route.break_start_s - van.break_.latest_s
            amount = max(0, early_s, late_s)
            text = (
                f"van {van.id} begins its break at {route.break_start_s} s, "
                f"between {van.break_.earliest_s} and {van.break_.latest_s} s is possible"
            )
        elif van.break_ is not None and route.end_s > van.break_.latest_s:
            amount = van.break_.duration_s
            text = f"van {van.id} works until {route.end_s} s without the break due by {van.break_.latest_s} s"
        if amount > 0:
            yield Violation(rule="break_time", ids=(van.id,), amount=amount, text=text)


def range_(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """A van drives no further than its range."""
    for route in timeline.routes:
        van = problem.van_by_id[route.van_id]
        if van.range_m is not None and route.distance_m > van.range_m:
            yield Violation(
                rule="range",
                ids=(van.id,),
                amount=route.distance_m - van.range_m,
                text=f"van {van.id} drives {route.distance_m} m, its range is {van.range_m} m",
            )


def time_window(problem: Problem, timeline: Timeline) -> Iterator[Violation]:
    """A stop is over when the station closes; before it opens the van waits."""
    for route in timeline.routes:
        for timed in route.stops:
            station = problem.station_by_id.get(timed.stop.station_id)
            if station is not None and station.closes_s is not None and timed.departure_s > station.closes_s:
                late_s = timed.departure_s - station.closes_s
                yield Violation(
                    rule="time_window",
                    ids=(route.van_id, station.id),
                    amount=late_s,
                    text=f"van {route.van_id} leaves station {station.id} {late_s} s after it closes",
                )
