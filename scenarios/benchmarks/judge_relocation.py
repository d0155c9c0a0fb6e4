"""
Judges answers to a night of e-cars from its file; imports neither a solver nor the optimiser.

A plan is `{"routes": [...], "charges": [...]}` as the result file has it. Rules have the names of
`docs/models/relocation.md`; what is merely not wanted has a price.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Container, Iterator

from scenarios.benchmarks.fault import Fault
from scenarios.benchmarks.relocation_course import Course, Document, Follower, Shift

TINY = 1e-6
"""kW and kWh: rounding."""
TINY_COST = 1e-6
"""Of the cost, relative."""


def judge_relocation(
    night: Document, plan: Document, *, cost: float | None = None, lower_bound: float | None = None
) -> tuple[Fault, ...]:
    """
    Every rule that the plan breaks; none for a right answer.

    Parameters
    ----------
    night
        The document of the file.
    cost, lower_bound
        As claimed; compared where they are given.
    """
    follower = Follower(night)
    if unknown := tuple(_known_ids(follower, plan)):
        return unknown
    shifts, courses = _follow(follower, plan)
    faults = [*_drivers(follower, plan, shifts), *_cars(follower, courses), *_places(follower, courses)]
    faults += [*_hours(follower, shifts), *_energy(follower, courses)]
    priced = _price(follower, shifts, courses)
    near = TINY_COST * max(1.0, abs(priced))
    if cost is not None and not abs(cost - priced) <= near:
        faults.append(_fault("cost", (), cost - priced, f"the plan costs {priced:,.6f}, {cost:,.6f} is claimed"))
    if lower_bound is not None and not lower_bound <= priced + near:
        text = f"a bound of {lower_bound:,.6f} is claimed, the plan costs {priced:,.6f}"
        faults.append(_fault("lower_bound", (), lower_bound - priced, text))
    return tuple(faults)


def price_relocation(night: Document, plan: Document) -> float:
    """What a plan costs; its ids must exist."""
    follower = Follower(night)
    return _price(follower, *_follow(follower, plan))


def _follow(follower: Follower, plan: Document) -> tuple[list[Shift], list[Course]]:
    shifts = [follower.shift(route) for route in plan["routes"] if route["jobs"]]
    courses = []
    for id_, car in follower.cars.items():
        handled = [one for shift in shifts for one in shift.handled if one.job["car_id"] == id_]
        charges = [charge for charge in plan["charges"] if charge["car_id"] == id_]
        courses.append(follower.course(car, sorted(handled, key=lambda one: one.start_s), charges))
    return shifts, courses


def _known_ids(follower: Follower, plan: Document) -> Iterator[Fault]:
    jobs = [job for route in plan["routes"] for job in route["jobs"]]
    told: list[tuple[str, str, Container[str]]] = [
        ("driver", route["driver_id"], follower.drivers) for route in plan["routes"]
    ]
    for one in (*jobs, *plan["charges"]):
        told += [("car", one["car_id"], follower.cars), ("station", one["station_id"], follower.stations)]
        plugs = [plug["id"] for plug in follower.stations.get(one["station_id"], {"plugs": []})["plugs"]]
        told += [] if one["plug_id"] is None else [("plug", one["plug_id"], plugs)]
    told += [("place", job["origin_id"], follower.at) for job in jobs]
    told += [("task", id_, follower.tasks) for job in jobs for id_ in job["task_ids"]]
    for what, id_, known in told:
        if id_ not in known:
            yield _fault("known_ids", (str(id_),), 1, f"there is no {what} {id_}")
    for charge in plan["charges"]:
        if charge["first_slot"] < 0 or not all(math.isfinite(kw) for kw in charge["kw"]):
            yield _fault(
                "known_ids", (charge["car_id"],), 1, f"a charge of car {charge['car_id']} is no power in slots"
            )


def _drivers(follower: Follower, plan: Document, shifts: list[Shift]) -> Iterator[Fault]:
    for id_, count in Counter(route["driver_id"] for route in plan["routes"]).items():
        if count > 1:
            yield _fault("one_route_per_driver", (id_,), count - 1, f"driver {id_} has {count} routes")
    done = Counter(id_ for shift in shifts for one in shift.handled for id_ in one.job["task_ids"])
    for id_, count in done.items():
        if count > 1:
            yield _fault("task_once", (id_,), count - 1, f"task {id_} is done {count} times")
    for shift in shifts:
        driver, name = shift.driver, shift.driver["id"]
        if (late_s := shift.end_s - driver["shift_end_s"]) > 0:
            yield _fault("shift_end", (name,), late_s, f"driver {name} is home {late_s} s after the shift ends")
        rest, begin_s = driver["break"], shift.break_s
        if rest is None:
            wrong = begin_s is not None
        elif begin_s is None:
            wrong = shift.end_s > rest["latest_s"]
        else:
            wrong = not rest["earliest_s"] <= begin_s <= rest["latest_s"]
        if wrong:
            yield _fault("break_time", (name,), 1, f"driver {name} takes no break as it should be, begins at {begin_s}")
        yield from _skills(follower, shift)


def _skills(follower: Follower, shift: Shift) -> Iterator[Fault]:
    driver, name = shift.driver, shift.driver["id"]
    for one in shift.handled:
        tasks = [follower.tasks[id_] for id_ in one.job["task_ids"]]
        car = follower.cars[one.job["car_id"]]
        needs = set(car["needs"]).union(*(task["needs"] for task in tasks))
        if missing := sorted(needs - set(driver["skills"])):
            text = f"driver {name} lacks {', '.join(missing)} for car {car['id']}"
            yield _fault("skills", (name, car["id"]), len(missing), text)
        if any(task["car_id"] != car["id"] for task in tasks):
            yield _fault("task_once", (car["id"],), 1, f"a task of another car is done at car {car['id']}")
        if one.is_driven and not car["can_move"]:
            yield _fault("can_move", (name, car["id"]), 1, f"car {car['id']} cannot be driven")


def _cars(follower: Follower, courses: list[Course]) -> Iterator[Fault]:
    opening_s = follower.night["opening_s"]
    for course in courses:
        car, id_ = course.car, course.car["id"]
        place, plugged, free_s = follower.spot(car), car["plug_id"] is not None, 0
        for one in course.handled:
            if one.job["origin_id"] != place or one.start_s < free_s:
                yield _fault("car_there", (one.driver, id_), 1, f"driver {one.driver} does not find car {id_}")
            if one.job["unplug"] != plugged:
                yield _fault(
                    "plug_state", (one.driver, id_), 1, f"car {id_} is not on a plug as driver {one.driver} says"
                )
            if one.start_s < car["available_from_s"]:
                yield _fault("booking", (one.driver, id_), 1, f"car {id_} is handled before its rider brings it")
            place = one.job["station_id"] if one.is_driven else place
            plugged, free_s = one.job["plug_id"] is not None, one.end_s
        booked_s = car["available_until_s"]
        if course.handled and booked_s is not None and booked_s < opening_s:
            last = course.handled[-1]
            if last.end_s > booked_s or last.job["station_id"] != car["station_id"]:
                yield _fault("booking", (last.driver, id_), 1, f"car {id_} is not there for whoever has booked it")


def _places(follower: Follower, courses: list[Course]) -> Iterator[Fault]:
    stays = defaultdict(list)
    for course in courses:
        for number, stood in enumerate(course.stood):
            before = course.stood[number - 1] if number else None
            comes = stood.from_s > 0 and (
                before is None or before.station != stood.station or before.until_s != stood.from_s
            )
            stays[stood.station].append((course.car, stood, comes))
    for id_, station in follower.stations.items():
        for car, stood, comes in stays[id_] if station["bays"] is not None else ():
            now = stood.from_s
            there = sum(o.from_s <= now and (o.until_s is None or o.until_s > now) for _, o, _ in stays[id_])
            if comes and there > station["bays"]:
                text = f"car {car['id']} comes to station {id_} as number {there} of {station['bays']} bays"
                yield _fault("bay_capacity", (car["id"], id_), there - station["bays"], text)
        for plug in station["plugs"]:
            on_it = sorted(((s.from_s, s.until_s, c) for c, s, _ in stays[id_] if s.plug == plug["id"]), key=_first)
            free_s = plug["free_from_s"]
            for from_s, until_s, car in on_it:
                if plug["connector"] not in car["connectors"] or from_s < free_s:
                    text = f"plug {plug['id']} of station {id_} fits car {car['id']} not, or not yet"
                    yield _fault("plug_capacity", (car["id"], id_), max(1, free_s - from_s), text)
                free_s = max(free_s, follower.night["opening_s"] if until_s is None else until_s)


def _hours(follower: Follower, shifts: list[Shift]) -> Iterator[Fault]:
    for shift in shifts:
        for one in shift.handled:
            work = [(one.job["station_id"], one.reach_s if one.is_driven else one.start_s, one.end_s)]
            work += [(one.job["origin_id"], one.start_s, one.leave_s)] if one.is_driven else []
            for id_, from_s, until_s in work:
                station = follower.stations[follower.station_of.get(id_, id_)]
                if from_s < station["opens_s"] or (station["closes_s"] is not None and until_s > station["closes_s"]):
                    yield _fault(
                        "opening_hours", (one.driver, id_), 1, f"driver {one.driver} is at {id_}, it is closed"
                    )


def _energy(follower: Follower, courses: list[Course]) -> Iterator[Fault]:
    terms = follower.night["charging"]
    site: dict[tuple[str, int], float] = defaultdict(float)
    for course in courses:
        car, id_ = course.car, course.car["id"]
        for kwh in course.arrives_kwh:
            if (short := terms["reserve"] * car["battery_kwh"] - kwh) > TINY:
                yield _fault("reserve", (id_,), short, f"car {id_} arrives {short:.3f} kWh below its reserve")
        if course.lost_kw:
            text = f"car {id_} is given power in {course.lost_kw} slots off that plug"
            yield _fault("charging_window", (id_,), course.lost_kw, text)
        given = [(charge["station_id"], charge["plug_id"], slot) for slot, _, _, charge in course.drawn]
        if len(set(given)) < len(given):
            yield _fault("charging_window", (id_,), 1, f"car {id_} is given power twice")
        for slot, _, kwh, charge in course.drawn:
            station = follower.stations[charge["station_id"]]
            plug = next(plug for plug in station["plugs"] if plug["id"] == charge["plug_id"])
            most = min(plug["kw"], car["charge_kw"]) * _share(terms, kwh / car["battery_kwh"])
            over = max(-charge["now_kw"], charge["now_kw"] - most)
            if over > TINY:
                yield _fault(
                    "charging_power", (id_, station["id"]), over, f"car {id_} is given too much in slot {slot}"
                )
            if (spilt := kwh - car["battery_kwh"]) > TINY:
                yield _fault("battery", (id_,), spilt, f"car {id_} is charged beyond its battery in slot {slot}")
            site[station["id"], slot] += charge["now_kw"]
    for (id_, slot), kw in site.items():
        cap = follower.stations[id_]["site_kw"]
        if cap is not None and kw > cap + TINY:
            yield _fault("site_power", (id_,), kw - cap, f"station {id_} draws {kw:.3f} of {cap:.3f} kW in slot {slot}")


def _price(follower: Follower, shifts: list[Shift], courses: list[Course]) -> float:
    night, prices = follower.night, follower.night["prices"]
    total: float = 0.0
    for shift in shifts:
        total += prices["driver_use"] + prices["driver_hour"] * (shift.end_s - shift.driver["shift_start_s"]) / 3600
        total += follower.modes[shift.driver["mode"]]["km"] * shift.ride_m / 1000
    ready: Counter[str] = Counter()
    musts = {must["car_id"]: must for must in night["musts"]}
    for course in courses:
        car, at = course.car, course.stood[-1].station
        booked_s = car["available_until_s"]
        rentable = car["in_service"] and not (booked_s is not None and booked_s < night["opening_s"])
        rentable = rentable and car["available_from_s"] <= night["opening_s"]
        ready[at] += rentable and course.kwh >= car["ready_kwh"] - TINY
        total += prices["car_km"] * sum(one.drive_m for one in course.handled) / 1000
        total += prices["missing_kwh"] * _lack(car["goal_kwh"], course.kwh)
        for slot, kwh, _, _ in course.drawn:
            if kwh:
                total += kwh * (night["grid"]["tariff"][slot] + prices["co2_kg"] * night["grid"]["co2_kg"][slot])
        if (must := musts.get(car["id"])) is not None:
            total += prices["must"] * (bool(must["station_ids"]) and at not in must["station_ids"])
            total += prices["must"] * _lack(must["energy_kwh"], course.kwh)
    done = {id_ for shift in shifts for one in shift.handled for id_ in one.job["task_ids"]}
    total += sum(task["price"] for task in night["tasks"] if task["id"] not in done)
    for id_, station in follower.stations.items():
        total += prices["lost_trip"] * station["lost_trips"][min(ready[id_], len(station["lost_trips"]) - 1)]
    for zone in night["zones"]:
        cars = sum(ready[id_] for id_ in zone["station_ids"])
        short = 0 if zone["floor"] is None else max(0, zone["floor"] - cars)
        total += prices["zone_car"] * (short + (0 if zone["cap"] is None else max(0, cars - zone["cap"])))
    return float(total)


def _share(terms: Document, charge: float) -> float:
    """Of its full power, what a battery takes at a state of charge."""
    if charge <= terms["taper_from"]:
        return 1.0
    left = max(0.0, 1 - charge) / (1 - terms["taper_from"])
    return float(terms["taper_end"] + (1 - terms["taper_end"]) * left)


def _lack(wanted: float, kwh: float) -> float:
    return wanted - kwh if wanted - kwh > TINY else 0.0


def _first(item: tuple[int, int | None, Document]) -> int:
    return item[0]


def _fault(rule: str, ids: tuple[str, ...], amount: float, text: str) -> Fault:
    return Fault(rule=rule, ids=ids, amount=amount, text=text)
