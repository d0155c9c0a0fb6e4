"""How long a car can stay on a plug: from when somebody can have brought it until who takes it away has to be home."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from optimiser.relocation.rounds.jobs import HOUR_S, START

if TYPE_CHECKING:
    from optimiser.relocation.problem import Car
    from optimiser.relocation.rounds.model import RoundsModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A job that begins or ends a stay."""

    column: int
    number: int
    """Of its driver."""
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A car in a state on a plug, and all that can begin and end it."""

    is_first: bool
    came: tuple[Way, ...]
    left: tuple[Way, ...]
    final: int
    """Column of standing so at opening."""
    returns: int
    """Column of being on a plug at that station on the way back to another state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateHome:
    """Whether a driver is home after a change of the tariff, until the next one or until nobody is at work."""

    column: int
    number: int
    from_s: float
    until_s: float


def late_homes(model: RoundsModel, changes_s: tuple[float, ...]) -> list[LateHome]:
    """Columns of drivers who are home after a change of the tariff, for whom as many hours are paid at least."""
    homes = []
    for number, (crew, end_s) in enumerate(zip(model.crews, model.ends_s, strict=True)):
        start_s = crew.driver.shift_start_s
        within = [change_s for change_s in changes_s if start_s < change_s < end_s]
        for from_s, until_s in pairwise([*within, end_s]):
            column = model.programme.column(upper=1.0, is_whole=True)
            model.programme.row([(crew.hours, 1.0), (column, -(from_s - start_s) / HOUR_S)], lower=0.0)
            homes.append(LateHome(column=column, number=number, from_s=from_s, until_s=until_s))
    return homes


def surely_home_s(model: RoundsModel, late: list[LateHome]) -> list[float]:
    """Until when each driver may be at work without being late home."""
    return [
        min([end_s, *(home.from_s for home in late if home.number == number)])
        for number, end_s in enumerate(model.ends_s)
    ]


def stay_of(model: RoundsModel, index: int, state_number: int) -> Stay:
    """The stay of a car, by position, in one of its states on a plug."""
    one, is_first = model.cars[index], state_number == START

    def ways(columns: list[tuple[int, int]]) -> tuple[Way, ...]:
        return tuple(Way(column=way, number=number, seconds=model.seconds[way]) for way, number in columns)

    return Stay(
        is_first=is_first,
        came=() if is_first else ways(model.into[index][state_number]),
        left=ways(model.out_of[index][state_number]),
        final=model.final[index][state_number],
        returns=model.plugged_on_return[index][one.states[state_number].station_id],
    )


def begun_s(model: RoundsModel, car: Car, way: Way) -> float:
    """When a stay begins at the earliest if a way leads to it: its job is done."""
    return max(model.crews[way.number].driver.shift_start_s, car.available_from_s) + way.seconds


def first_s(model: RoundsModel, car: Car) -> float:
    """When anybody who sets out can have put a car on a plug."""
    handling = model.problem.handling
    return max(min(_starts_s(model)), car.available_from_s) + handling.handover_s + handling.plug_in_s


def _starts_s(model: RoundsModel) -> list[float]:
    """When those begin who may set out."""
    starts_s = [
        float(crew.driver.shift_start_s)
        for crew, end_s in zip(model.crews, model.ends_s, strict=True)
        if end_s >= crew.driver.shift_start_s
    ]
    return starts_s or [float(model.problem.opening_s)]


def limit_stay(model: RoundsModel, car: Car, stay: Stay, hours: list[tuple[int, float]]) -> None:
    """
    Whoever takes a car off its plug is home within the hours that are paid: a row for columns and hours on the plug.

    hours on the plug <= when the stay ends - when it begins. It ends at opening, or where a job begins of somebody who
    is home at shift start + paid hours. In a night in which the car comes back to a state, it may be brought and be
    taken away by others than those of the ways that are left: by whoever begins first, and by whoever begins last.
    """
    begins = [(way.column, begun_s(model, car, way)) for way in stay.came]
    ends = [(way.column, float(model.crews[way.number].driver.shift_start_s - way.seconds)) for way in stay.left]
    last_s, earliest_s = max(_starts_s(model)), first_s(model, car)
    others_s = last_s - earliest_s
    others_s += max((late_s for _, late_s in begins), default=earliest_s)
    others_s -= min((early_s for _, early_s in ends), default=last_s)
    model.programme.row(
        [
            *hours,
            *((column, seconds / HOUR_S) for column, seconds in begins),
            *((column, -seconds / HOUR_S) for column, seconds in ends),
            *((crew.hours, -1.0) for crew in model.crews),
            (stay.final, -model.problem.opening_s / HOUR_S),
            (stay.returns, -max(0.0, others_s) / HOUR_S),
        ],
        upper=0.0,
    )


def limit_stays(model: RoundsModel, index: int, hours: list[tuple[int, float]]) -> None:
    """
    The same of all stays of a car together, whether or not it comes back: they end at opening or within paid hours.

    Those of a car that nobody has to put on a plug begin with the night.
    """
    one, handling, last_s = model.cars[index], model.problem.handling, max(_starts_s(model))
    off_s = handling.handover_s + handling.unplug_s
    if one.states[START].is_plugged:
        ended_s = last_s - off_s
    else:
        ended_s = max(0.0, last_s - first_s(model, one.car))
    finals = [final for state, final in zip(one.states, model.final[index], strict=True) if state.is_plugged]
    model.programme.row(
        [
            *hours,
            *((crew.hours, -1.0) for crew in model.crews),
            *((final, -max(0.0, model.problem.opening_s - last_s + off_s) / HOUR_S) for final in finals),
        ],
        upper=ended_s / HOUR_S,
    )
