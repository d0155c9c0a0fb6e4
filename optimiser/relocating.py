"""
The recipe of a night of e-cars: network -> problem -> solve -> check -> report.

Pure: the same fleet, streets and deterministic limits give the same night.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Literal

import numpy as np

from optimiser.basics.car_fleet import CarFleet, Mode, ModeKind
from optimiser.basics.findings import Findings
from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import OnProgress, ShouldStop, tell_refused
from optimiser.network.cut_off import cut_off_pairs
from optimiser.network.travel import Place, TravelSource, TravelTimes
from optimiser.relocation.charging import plug_and_charge
from optimiser.relocation.cost import cost_of
from optimiser.relocation.plan import NOTHING, Plan
from optimiser.relocation.problem.statement import night_span, state_problem
from optimiser.relocation.replay import replay
from optimiser.relocation.solve import solve
from optimiser.reporting.night import LeftOut
from optimiser.reporting.relocation_night import RelocationNight

__all__ = ["OnFar", "night_span", "reachable", "relocate_night", "state_problem"]

OnFar = Literal["reject", "drop", "warn"]


def relocate_night(
    fleet: CarFleet,
    as_of: datetime,
    drive: TravelSource,
    ways: Mapping[str, TravelSource],
    *,
    limits: SolveLimits,
    max_snap_m: float = 250.0,
    on_far: OnFar = "warn",
    start: Plan = NOTHING,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> RelocationNight:
    """
    Plan the night of every driver after `as_of`.

    Parameters
    ----------
    drive
        Streets of cars.
    ways
        Streets of each mode that a driver uses, by its name; a mode of kind `matrix` brings its own times.
    max_snap_m, on_far
        What to do with places further from the streets, or out of reach on them: `reject` raises, `drop` leaves
        them out and lists them, `warn` also warns. A place where a driver starts or ends always raises.
    start
        A plan at hand to begin with, of which the night is never dearer.

    Raises
    ------
    InvalidInput
        Every place that is rejected, with its distance; a grid whose series does not cover the night.
    """
    findings = Findings()
    left_out, drive_times, mode_times = reachable(
        fleet, drive, ways, max_snap_m=max_snap_m, on_far=on_far, findings=findings
    )
    problem = state_problem(fleet, as_of, drive_times, mode_times, findings=findings)
    result = solve(problem, limits, start=start, on_progress=on_progress, should_stop=should_stop)
    tell_refused(result.refused, engine=result.engine, findings=findings)
    timeline, before = replay(problem, result.plan), replay(problem, plug_and_charge(problem, NOTHING))
    plain = replay(problem, plug_and_charge(problem, result.plan))
    return RelocationNight(
        fleet=fleet,
        problem=problem,
        result=result,
        timeline=timeline,
        timeline_before=before,
        timeline_plain=plain,
        cost_before=cost_of(problem, before),
        cost_after=cost_of(problem, timeline),
        cost_plain=cost_of(problem, plain),
        left_out=left_out,
        warnings=findings.warnings,
    )


def reachable(
    fleet: CarFleet,
    drive: TravelSource,
    ways: Mapping[str, TravelSource],
    *,
    max_snap_m: float,
    on_far: OnFar,
    findings: Findings,
) -> tuple[tuple[LeftOut, ...], TravelTimes, dict[str, TravelTimes]]:
    """
    Travel times of cars and of each mode between all places that can take part, and the places that cannot.

    Places of drivers are never left out.
    """
    used = {driver.mode for driver in fleet.drivers}
    own = [mode for mode in fleet.modes if mode.name in used and mode.kind is ModeKind.MATRIX]
    homes = {id_ for driver in fleet.drivers for id_ in (driver.start_id, driver.end_id)}
    bases = {base.id for base in fleet.bases}
    places = [Place(id=id_, lon=lon, lat=lat) for id_, lon, lat in fleet.places() if id_ not in bases or id_ in homes]
    sources = [drive, *(ways[name] for name in sorted(used & ways.keys()))]
    left_out = list(_far(places, sources, max_snap_m))
    out = {item.station_id for item in left_out}
    places = [place for place in places if place.id not in out]
    drive_times = drive.times(places)
    mode_times = {name: ways[name].times(places) for name in sorted(used & ways.keys())}
    mode_times |= {mode.name: _given_times(mode, places) for mode in own}
    broken = chain.from_iterable(times.unreachable for times in (drive_times, *mode_times.values()))
    left_out += [
        LeftOut(station_id=id_, code="UNREACHABLE", text="no way there and back for cars and drivers")
        for id_ in cut_off_pairs(broken, homes)
    ]
    _tell(left_out, homes, on_far, findings)
    out = {item.station_id for item in left_out}
    _require_stations(fleet, out, findings)
    return tuple(left_out), drive_times.without(out), {name: times.without(out) for name, times in mode_times.items()}


def _far(places: Sequence[Place], sources: Sequence[TravelSource], max_snap_m: float) -> list[LeftOut]:
    """Places off the streets of cars or of a mode, with the largest distance."""
    furthest: dict[str, float] = {}
    for source in sources:
        for far in source.far_places(places, max_snap_m=max_snap_m):
            furthest[far.place.id] = max(far.distance_m, furthest.get(far.place.id, 0.0))
    return [
        LeftOut(
            station_id=id_,
            code="FAR_FROM_STREET",
            text=f"{distance_m:.0f} m from the nearest street, {max_snap_m:.0f} m are allowed",
            distance_m=distance_m,
        )
        for id_, distance_m in furthest.items()
    ]


def _given_times(mode: Mode, places: Sequence[Place]) -> TravelTimes:
    """Times of one's own; what nobody gives cannot be gone, and each place is reached from itself."""
    ids = tuple(place.id for place in places)
    travel_s = np.full((len(ids), len(ids)), -1, dtype=np.int32)
    length_m = travel_s.copy()
    index = {id_: row for row, id_ in enumerate(ids)}
    for (origin, end), (seconds, metres) in mode.pairs.items():
        if origin in index and end in index:
            travel_s[index[origin], index[end]], length_m[index[origin], index[end]] = seconds, metres
    np.fill_diagonal(travel_s, 0)
    np.fill_diagonal(length_m, 0)
    unreachable = tuple((ids[origin], ids[end]) for origin, end in np.argwhere(travel_s < 0).tolist())
    travel_s.flags.writeable = length_m.flags.writeable = False
    label = f"{mode.name}: times given by the operator"
    return TravelTimes(place_ids=ids, travel_s=travel_s, length_m=length_m, unreachable=unreachable, label=label)


def _tell(left_out: Sequence[LeftOut], homes: set[str], on_far: OnFar, findings: Findings) -> None:
    for item in left_out:
        is_home = item.station_id in homes
        where, code = f"place {item.station_id}", item.code.lower()
        if is_home or on_far == "reject":
            hint = "move it to a street, use a larger extract, raise max_snap_m, or leave such places out"
            findings.error(code, item.text, source="streets", where=where, value=item.distance_m, hint=hint)
        elif on_far == "warn":
            findings.warning(code, f"left out: {item.text}", source="streets", where=where, value=item.distance_m)
    findings.raise_errors("places off the streets")


def _require_stations(fleet: CarFleet, out: set[str], findings: Findings) -> None:
    """Without a single station there is no night to plan."""
    if not {station.id for station in fleet.stations} <= out:
        return
    text = f"none of {len(fleet.stations)} stations is near these streets and within reach of all drivers and cars"
    hint = "the streets of this city, lat and lon not swapped, and in matrix.csv times from and to every place"
    findings.error("all_left_out", text, source="streets", where="stations", value=len(fleet.stations), hint=hint)
    findings.raise_errors("places off the streets")
