"""What stations and depots hold while vans come and go."""

from __future__ import annotations

from dataclasses import dataclass

from optimiser.rebalancing.problem import Problem
from optimiser.rebalancing.replay.drive import Drive, Leg
from optimiser.rebalancing.replay.timeline import DepotChange, DepotHolding, TimedStop


@dataclass(slots=True)
class _Held:
    """Bikes at one place; changes as the night goes on."""

    ready: int
    low_charge: int = 0
    broken: int = 0


class Places:
    """All stations and depots, from the start of the night on; to be told of everything in time order."""

    def __init__(self, problem: Problem) -> None:
        self.stations = {
            station.id: _Held(station.inventory, station.low_charge, station.broken) for station in problem.stations
        }
        self.depots = {depot.id: _Held(depot.stock) for depot in problem.depot_by_id.values()}
        self.changes: list[DepotChange] = []
        self._problem = problem

    def leave(self, drive: Drive) -> None:
        """A van takes its start load."""
        self._change_stock(drive, drive.van.start_depot_id, drive.leave_s, drive.van.initial_load - drive.start_load)

    def depart(self, drive: Drive, leg: Leg) -> TimedStop:
        """A van departs from a stop: bikes have changed place."""
        stop = leg.stop
        if stop.station_id in self.depots:
            depot = self.depots[stop.station_id]
            depot.low_charge += leg.left_low
            depot.broken += leg.left_broken
            self._change_stock(drive, stop.station_id, leg.departure_s, stop.dropoff - stop.pickup)
            return _timed(leg, ready=depot.ready)
        station = self.stations[stop.station_id]
        station.ready += stop.dropoff - stop.pickup + stop.swaps
        station.low_charge -= stop.swaps + stop.low_pickup
        station.broken -= stop.broken_pickup
        return _timed(
            leg,
            ready=station.ready,
            low_charge=station.low_charge,
            broken=station.broken,
            freed=self.freed(stop.station_id),
        )

    def come_home(self, drive: Drive) -> None:
        """A van is back: everything on board stays in its end depot; if it owes bikes, no depot makes up for them."""
        depot = self.depots[drive.van.end_depot_id]
        depot.low_charge += drive.low_load
        depot.broken += drive.broken_load
        self._change_stock(drive, drive.van.end_depot_id, drive.end_s, max(0, drive.load))

    def freed(self, station_id: str) -> int:
        """Docks that were blocked and are free, or hold a ready bike."""
        held = self.stations[station_id]
        return self._problem.station_by_id[station_id].blocked - held.low_charge - held.broken

    def holdings(self) -> dict[str, DepotHolding]:
        """What the depots hold now."""
        return {
            id_: DepotHolding(ready=held.ready, low_charge=held.low_charge, broken=held.broken)
            for id_, held in self.depots.items()
        }

    def _change_stock(self, drive: Drive, depot_id: str, time_s: int, bikes: int) -> None:
        if bikes:
            depot = self.depots[depot_id]
            depot.ready += bikes
            change = DepotChange(
                depot_id=depot_id, van_id=drive.van.id, time_s=time_s, bikes=bikes, stock_after=depot.ready
            )
            self.changes.append(change)


def _timed(leg: Leg, *, ready: int, low_charge: int = 0, broken: int = 0, freed: int = 0) -> TimedStop:
    return TimedStop(
        stop=leg.stop,
        arrival_s=leg.arrival_s,
        departure_s=leg.departure_s,
        drive_s=leg.drive_s,
        length_m=leg.length_m,
        load_after=leg.load,
        inventory_after=ready,
        wait_s=leg.wait_s,
        lifted=leg.lifted,
        refilled=leg.refilled,
        low_load_after=leg.low_load,
        broken_load_after=leg.broken_load,
        batteries_after=leg.batteries,
        low_charge_after=low_charge,
        broken_after=broken,
        freed_after=freed,
    )
