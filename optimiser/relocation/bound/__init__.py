"""
A lower bound on the cost of every plan that passes the check: a linear programme that each of them fits into.

Sets: stations f, spots o (a station, or a place of a car's own in a zone), places p, cars c, drivers d. A car is
*ready* (nothing but a drive can change that), *low* (it is ready after charging, which is possible) or *other*.
Variables: drives of ready cars from o to f, whole ways of one low car to
the station where it is charged, whole ways of other cars; h_c = 1 if anybody works at car c; rides. Why every plan
fits, at no more than its cost:

1.  *Drives.* Ready cars, low ones once they are charged included, go drive by drive, as often as the plan has them do:
    as many leave a spot as stand there or come. The way of a low car to where it is charged, and that of another, may
    have several drives; they count as one of the shortest time and length by any stations between, which is no more.
2.  *Charging.* A low car that ends ready draws (ready - energy + driven) / efficiency at least, in all its stays
    together. Say it draws a share w of its power at station f: then it is charged at f with w, and goes on from there.
    Every share is a way that skips drives of the plan, so that they cost no more in sum, and f gives no more energy
    and plug time than it does. On the plug where it is found it needs nobody. A car that was on a plug at the night's
    start holds it until opening unless somebody works at it, and must be taken off in its first job.
3.  *Energy prices.* All stays of a car together draw no more in a slot than its power at the best plug that it could
    have, not before somebody can have plugged it in; see `EnergyPrice`. So it pays at least for the cheapest slots,
    and what it lacks of goal and must after them. Whoever is not on a plug pays what it lacks, or takes a job that
    plugs it in.
4.  *Drivers.* At each place as many come as leave: by drives, rides, and the first and last ways of those who set out,
    from where they start and to where they end. Skipped drives take one coming and one leaving from the places between
    and leave this true. A ride takes the quickest way that anybody has, and costs the cheapest. Handling, drives and
    rides of all drivers fill no more than the shifts of those who set out, whose due breaks are off; paid time has
    waiting and breaks besides. How many set out is a whole number: the cost is convex in it, so that one of the two
    beside the best fraction is the least.
5.  *Visits.* Whoever works at a car begins a job at its spot, and somebody has come to its place before; skipped drives
    that came there are made up for by their handling (`passes`).
6.  *Opening.* Bays: a station has no more cars than bays, or than at the start. Trips lost: the convex hull from below
    of its table. Zones: cars short or over, as in the cost. Low cars that stay low and cars that are driven until they
    are not ready do not count; the latter are no more than came.
7.  *Wishes.* A task, and a must about a station, save their price only with a job at the car, a must with a drive.

8.  *Whole numbers.* How many drivers set out, h_c, whether a wish is granted, cars at opening that are ready, and those
    short or over in a zone are whole in every plan: a car that is charged in shares goes on in shares, which all end
    where it stands, so that it counts once. Pieces of a hull are as long as whole numbers of cars and filled one after
    the other. Nights of up to about fifty cars are held to that by branch and bound, which proves what it has when it
    is broken off after so many nodes; larger ones only in how many drivers set out.

Left out, so that it is only cheaper: the clock (windows, waiting, opening hours, who is at a plug when), single drivers
(a round of rides and drives need not meet anybody's way), energy of drives after charging, the taper, whole numbers of
drives and rides.
"""

from __future__ import annotations

from optimiser.relocation.bound.fleet import fleet_of
from optimiser.relocation.bound.model import BoundModel
from optimiser.relocation.cost import TINY_KWH
from optimiser.relocation.problem import Problem

SPARE, SPARE_SHARE = 1e-6, 1e-8
"""In money, and of the bound: as much may be lost by the tolerances of the solver."""


def lower_bound(problem: Problem) -> float:
    """What no plan that passes the check costs less than, in the city's currency; the module says why."""
    model = BoundModel(problem, fleet_of(problem))
    if problem.drivers:
        model.add_drivers()
        model.add_moves()
    model.add_cars()
    bound = model.lower_bound()
    return max(0.0, bound - allowance(problem, bound))


def allowance(problem: Problem, bound: float) -> float:
    """What rounding may take off a bound, in the city's currency."""
    # A battery that lacks no more than rounding lacks nothing.
    goals = sum(car.goal_kwh > 0 for car in problem.cars) * problem.prices.missing_kwh
    musts = sum(must.energy_kwh > 0 for must in problem.musts) * problem.prices.must
    return TINY_KWH * (goals + musts) + SPARE + SPARE_SHARE * abs(bound)
