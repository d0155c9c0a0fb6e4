"""What the rounds come to at opening: tasks done, cars where they must be, bays, plugs, ready cars, zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimiser.relocation.rounds.jobs import HOUR_S

if TYPE_CHECKING:
    from optimiser.relocation.rounds.model import RoundsModel


def add_wishes(model: RoundsModel) -> None:
    """A task is done by somebody who works at its car, and takes time; a car that must stand somewhere does."""
    problem, programme = model.problem, model.programme
    number = {car.id: index for index, car in enumerate(problem.cars)}
    for task in problem.tasks:
        model.fixed += task.price
        every = []
        for crew in model.crews:
            work = [column for column, car, _ in crew.jobs if car == number[task.car_id]]
            if work and task.needs <= crew.driver.skills:
                done = programme.column(cost=-task.price, upper=1.0, is_whole=True)
                programme.put(crew.time, done, task.duration_s / HOUR_S)
                came = [*work, model.returns[number[task.car_id]]]
                programme.row([(done, 1.0), *((column, -1.0) for column in came)], upper=0.0)
                every.append(done)
                model.done.append((done, crew, task))
        if len(every) > 1:
            programme.row([(done, 1.0) for done in every], upper=1.0)
    for must in problem.musts:
        if must.station_ids:
            index = number[must.car_id]
            model.fixed += problem.prices.must
            for state, final in zip(model.cars[index].states, model.final[index], strict=True):
                if state.station_id in must.station_ids:
                    programme.add_cost(final, -problem.prices.must)


def add_opening(model: RoundsModel) -> None:
    """Bays, plugs, trips lost by ready cars, zones."""
    problem, programme, prices = model.problem, model.programme, model.problem.prices
    counts: dict[str, list[int]] = {}
    for station in problem.stations:
        finals, plugged, ready = [], [], []
        for index, one in enumerate(model.cars):
            for state, final in zip(one.states, model.final[index], strict=True):
                if state.station_id == station.id:
                    finals.append(final)
                    plugged += [final] if state.is_plugged else []
            if station.id in model.ready[index]:
                ready.append(model.ready[index][station.id])
        counts[station.id] = ready
        present = sum(car.station_id == station.id for car in problem.cars)
        # In the night's first second nobody looks for bays, where a handover takes no time.
        if station.bays is not None and problem.handling.handover_s > 0:
            programme.row([(final, 1.0) for final in finals], upper=float(max(station.bays, present)))
        if plugged:
            free = sum(plug.free_from_s <= problem.opening_s for plug in station.plugs)
            programme.row([(final, 1.0) for final in plugged], upper=float(free))
        options = [
            programme.column(cost=prices.lost_trip * station.lost(count), upper=1.0, is_whole=True)
            for count in range(len(ready) + 1)
        ]
        programme.row([(option, 1.0) for option in options], lower=1.0, upper=1.0)
        programme.row(
            [*((option, float(count)) for count, option in enumerate(options)), *((one, -1.0) for one in ready)],
            lower=0.0,
            upper=0.0,
        )
    for zone in problem.zones:
        miss = programme.column(cost=prices.zone_car, is_whole=True)
        cars = [(column, 1.0) for id_ in sorted(set(zone.station_ids)) for column in counts[id_]]
        if zone.floor is not None:
            programme.row([(miss, 1.0), *cars], lower=float(zone.floor))
        if zone.cap is not None:
            programme.row([(miss, 1.0), *((column, -1.0) for column, _ in cars)], lower=-float(zone.cap))
