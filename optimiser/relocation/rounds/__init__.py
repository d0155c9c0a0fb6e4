"""
A lower bound for small nights that is often the cost of the best plan: all jobs, rides and kWh, without the clock.

Sets: places p, cars c, drivers d; states of a car: where it stands, on a plug or off; the state in which the night
finds it is one of its own, to which nothing leads back. Jobs lead from state to state. All that is counted is whole.

Every plan that costs less than the one at hand fits in, at no more than its cost:

1.  *Cars.* The states that a car goes through are a way from the first one. Where it comes back to a state, what was in
    between is taken out, so that no state is come to twice (`no loops`); the job that leads out of the first state is
    not among it, as nothing leads back there. Jobs taken out are
    *lifts*: they still bring their drivers from place to place in the same time, as many to each place as from it, at
    least two for a car that comes back, and either two drives or on a plug and off one. kWh that they use, power that
    flows at plugs of the part taken out, and tasks done in it may be had without a job of their own by a car that comes
    back.
    Jobs that change nothing and do no tasks are left out, and so is their time.
2.  *Drivers.* What a driver does is a walk from home to home over places: as many jobs, rides and lifts end at a place
    as begin there, and whoever works at a car comes to it: of all that leads into any set of places without home there
    is at least one if a job of that driver leads a car out of a given state there (`ways`; such a job is done once).
    Work fills the time that is paid; that is within the shift, and within the latest break unless one is taken.
3.  *Power.* kWh of all slots of one price are one column for each car and state on a plug: at the best plug's power
    from the earliest moment at which the driver who plugs it in can be done until opening, or until the last at which
    the driver who takes it away can begin: home at the latest, less what that job takes. Home after a change of the
    tariff is a choice of its own, of as many paid hours. All hours of a car on a plug end, unless they last until
    opening, within the hours that are paid (`stays`). Sites and plugs have so many kWh and hours at each price. More
    than what is wanted of the car is worth nothing and taken off. The battery at opening is exact but for the taper; so
    are goals, musts and readiness.
4.  *Home at the latest.* Paid time begins with the shift, waits included. How long it can be in a plan that costs less
    than the one at hand is the optimum of the linear programme with that cost as a row.
5.  *Opening.* As in `bound`, but with tables of lost trips as they are, station by station and not by their hulls.

6.  *Plugs in turn.* Where all plugs of a station are taken, somebody who drives a car off its plug has to come back
    before another car is on it, or the car was taken off by a job of its own (`order`).

Left out, so that it is only cheaper: waiting, hours of stations, when bays are taken, the order of jobs beyond a walk
and plugs in turn, reserve but on first drives, tapers.

7.  *Jobs by the clock.* A plan of a case in which no car comes back does some jobs and tasks, by some drivers. Once a
    whole solution has shown such a choice, all plans of it cost what they do at least in any order (`clock`), which
    counts from then on, and a row keeps the choice out of the programme: all others have one of its jobs or tasks
    less, or one more.

It is solved case by case: which drivers set out, and whether any car comes back to a state; first the linear programmes
of all, then by branch and bound those that these leave open, from the least bound on, first those in which none does.
Where a driver could do all that another can, for no more, the other does not set out alone. Columns whose reduced cost
is more than what is left to the plan at hand are 0 in all better plans. Rows of ways are added where a solution breaks
them. What is broken off by time counts with what branch and bound has proven until then. By a clock two cases are
bounded at once, in threads of their own: what one of them proves holds whatever the other has come to, as a row of ways
holds for all plans, and a plan at hand that has become cheaper since only leaves less to be looked for.
"""

from __future__ import annotations

from collections.abc import Callable

from optimiser.relocation.bound import allowance
from optimiser.relocation.plan import Plan
from optimiser.relocation.problem import Problem
from optimiser.relocation.rounds.prove import Proof

MOST_DRIVERS, MOST_JOBS = 3, 15_000
"""Of nights that are bounded so: about 15 cars at ten stations for three drivers."""


def is_small(problem: Problem) -> bool:
    """Whether rounds are worth the try."""
    drivers, stations = len(problem.drivers), len(problem.stations)
    states = stations + sum(bool(station.plugs) for station in problem.stations) + 1
    return 1 <= drivers <= MOST_DRIVERS and drivers * len(problem.cars) * states**2 <= MOST_JOBS


def bound_by_rounds(
    problem: Problem,
    *,
    objective: float,
    left_s: Callable[[], float],
    offer: Callable[[tuple[Plan, ...]], float] | None = None,
    on_rise: Callable[[], None] | None = None,
) -> float:
    """
    What no plan costs less than, at most `objective` and what is offered.

    Parameters
    ----------
    objective
        Cost of a plan at hand.
    left_s
        Seconds that are left; asked now and then. Infinite = so much work as any machine does alike, and none = stop.
    offer
        Told of routes that may be cheaper than the plan at hand, in some orders; the cost of the plan then at hand.
    on_rise
        Called whenever a case is proven to cost a ten-thousandth more than was known of it.
    """
    bound = Proof(problem, below=objective, left_s=left_s, offer=offer, on_rise=on_rise).least()
    return max(0.0, bound - allowance(problem, bound))
