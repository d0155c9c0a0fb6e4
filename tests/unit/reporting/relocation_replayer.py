"""
Replays a plan.json of e-cars; imports nothing of ours.

`faults(document)` tells in sentences what does not add up: clocks, places of drivers and cars, bays, plugs, energy,
site power, key figures and prices.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from itertools import zip_longest
from typing import Any


def faults(document: dict[str, Any]) -> list[str]:
    """Everything that is wrong with a plan; empty = it can be driven as it stands."""
    replay = _Replay(document)
    for route in document["routes"]:
        replay.drive(route)
    replay.park()
    replay.charge()
    replay.empty()
    replay.add_up()
    return replay.faults


class _Replay:
    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.faults: list[str] = []
        self.start = datetime.fromisoformat(document["night_start"])
        self.opening_s = self.seconds(document["opening"])
        self.stations = {station["station_id"]: station for station in document["stations"]}
        self.cars = {car["car_id"]: car for car in document["cars"]}
        self.modes = {mode["name"]: mode for mode in document["modes"]}
        self.drivers = {driver["driver_id"]: driver for driver in document["drivers"]}
        self.jobs: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.gains: dict[str, list[tuple[dict[str, Any], float]]] = defaultdict(list)
        self.tasks = {task["task_id"]: task for task in document["tasks"]}
        self.station_of = {id_: id_ for id_ in self.stations}
        self.station_of |= {car["place_before"]: car["station_before"] for car in document["cars"]}
        self.hours = 0.0
        self.ride_km: dict[str, float] = defaultdict(float)

    def seconds(self, moment: str) -> float:
        return (datetime.fromisoformat(moment) - self.start).total_seconds()

    def expect(self, is_right: bool, sentence: str) -> None:
        if not is_right:
            self.faults.append(sentence)

    def drive(self, route: dict[str, Any]) -> None:
        """A driver's clock and place, from job to job."""
        driver, handling = self.drivers[route["driver_id"]], self.document["handling"]
        name = driver["driver_id"]
        clock, at = self.seconds(route["begins"]), driver["start_place_id"]
        self.expect(clock == self.seconds(driver["shift_start"]), f"{name} does not begin with the shift")
        for number, job in enumerate(route["jobs"]):
            if route["break"] and route["break"]["before_job"] == number:
                self.expect(self.seconds(route["break"]["begin"]) == clock, f"{name}: break at another time")
                clock += route["break"]["duration_s"]
            self.expect(at == job["from"] or job["ride_s"] > 0, f"{name} is at {at}, not at {job['from']}")
            clock += job["ride_s"]
            self.expect(self.seconds(job["arrival"]) == clock, f"{name}, job {number}: arrival")
            clock += job["wait_s"]
            self.expect(self.seconds(job["start"]) == clock and job["wait_s"] >= 0, f"{name}, job {number}: start")
            clock += handling["handover_s"] + handling["unplug_s"] * job["unplug"]
            clock += sum(self.tasks[id_]["duration_s"] for id_ in job["task_ids"])
            self.expect(self.seconds(job["leave"]) == clock, f"{name}, job {number}: leave")
            clock += job["drive_s"]
            self.expect(self.seconds(job["reach"]) == clock, f"{name}, job {number}: reach")
            clock += handling["park_s"] * job["moves"] + handling["plug_in_s"] * (job["plug_id"] is not None)
            self.expect(self.seconds(job["end"]) == clock, f"{name}, job {number}: end")
            self.expect(job["moves"] or job["drive_m"] == 0, f"{name}, job {number}: drives and stays")
            self.expect(job["moves"] == (job["from"] != job["to"]), f"{name}, job {number}: moves and does not")
            at = job["to"]
            self.ride_km[driver["mode"]] += job["ride_m"] / 1000
            self.jobs[job["car_id"]].append(job)
            self.allow(driver, job)
        if route["break"]:
            begin = self.seconds(route["break"]["begin"])
            window = [self.seconds(driver["break"][name]) for name in ("earliest", "latest")]
            self.expect(window[0] <= begin <= window[1], f"{name}: break outside of its window")
        if route["break"] and route["break"]["before_job"] == len(route["jobs"]):
            clock += route["break"]["duration_s"]
        clock += route["last_ride"]["ride_s"]
        self.ride_km[driver["mode"]] += route["last_ride"]["ride_m"] / 1000
        self.expect(self.seconds(route["returns"]) == clock, f"{name}: home at another time")
        self.expect(clock <= self.seconds(driver["shift_end"]), f"{name}: home after the shift")
        self.hours += (clock - self.seconds(route["begins"])) / 3600

    def allow(self, driver: dict[str, Any], job: dict[str, Any]) -> None:
        """Skills, tasks, opening hours, and riders who have or had the car."""
        car, start, end = self.cars[job["car_id"]], self.seconds(job["start"]), self.seconds(job["end"])
        who = f"{driver['driver_id']} at car {car['car_id']}"
        tasks = [self.tasks[id_] for id_ in job["task_ids"]]
        needs = set(car["needs"]).union(*(task["needs"] for task in tasks))
        self.expect(needs <= set(driver["skills"]), f"{who} lacks a skill")
        self.expect(all(task["car_id"] == car["car_id"] for task in tasks), f"{who} does the task of another")
        self.expect(car["can_move"] or not job["moves"], f"{who} drives what cannot be driven")
        self.expect(start >= self.seconds(car["available_from"]), f"{who} is there before its rider")
        if car["available_until"] is not None and self.seconds(car["available_until"]) < self.opening_s:
            self.expect(end <= self.seconds(car["available_until"]), f"{who} is at work in its booking")
            self.expect(car["station_after"] == car["station_before"], f"car {car['car_id']} is booked elsewhere")
        for id_, begin, until in (
            (job["from"], start, self.seconds(job["leave"])),
            (job["to"], self.seconds(job["reach"]), end),
        ):
            station = self.stations[self.station_of[id_]]
            closes = float("inf") if station["closes"] is None else self.seconds(station["closes"])
            is_open = self.seconds(station["opens"]) <= begin and until <= closes
            self.expect(is_open, f"{who} is at {id_} while it is closed")

    def park(self) -> None:
        """Where each car is when; bays and plugs hold no more than fit."""
        self.stays: dict[str, list[dict[str, Any]]] = {}
        for id_, car in self.cars.items():
            place, plug, begin = car["place_before"], car["plug_before"], 0.0
            station, free = car["station_before"], 0.0
            booked = car["available_until"]
            there_until = self.opening_s if booked is None else min(self.opening_s, self.seconds(booked))
            stays = []
            for job in sorted(self.jobs[id_], key=lambda job: self.seconds(job["start"])):
                self.expect(job["from"] == place, f"car {id_} is at {place}, not at {job['from']}")
                self.expect(self.seconds(job["start"]) >= free, f"car {id_} is handled twice at once")
                self.expect(job["unplug"] == (plug is not None), f"car {id_} is unplugged from nothing")
                plugged_until = self.seconds(job["start"])
                stays.append(_stay((id_, station, plug), begin, self.seconds(job["leave"]), (free, plugged_until)))
                station, plug, begin, free = (
                    self.station_of[job["to"]],
                    job["plug_id"],
                    self.seconds(job["reach"]),
                    self.seconds(job["end"]),
                )
                place = job["to"]
            stays.append(_stay((id_, station, plug), begin, None, (free, there_until)))
            self.stays[id_] = stays
            self.expect((station, plug) == (car["station_after"], car["plug_after"]), f"car {id_} ends elsewhere")
        for id_, station in self.stations.items():
            here = [stay for stays in self.stays.values() for stay in stays if stay["station"] == id_]
            for stay in here:
                together = sum(_is_there(other, stay["begin"]) for other in here)
                has_left = any(other["end"] == stay["begin"] and other["car"] == stay["car"] for other in here)
                early = station["bays"] is None or together <= station["bays"] or stay["begin"] == 0 or has_left
                self.expect(early, f"station {id_} has {together} cars at {stay['begin']:.0f} s")
            for plug in station["plugs"]:
                on_it = sorted((stay for stay in here if stay["plug"] == plug["plug_id"]), key=lambda s: s["begin"])
                free = self.seconds(plug["free_from"])
                for stay in on_it:
                    self.expect(stay["begin"] >= free, f"plug {plug['plug_id']} of {id_} is taken")
                    free = self.opening_s if stay["end"] is None else stay["end"]

    def charge(self) -> None:
        """Batteries, slot by slot, and what sites draw."""
        grid, charging = self.document["grid"], self.document["charging"]
        drawn: dict[tuple[str, int], float] = defaultdict(float)
        self.energy_cost = self.co2 = 0.0
        for charge in self.document["charges"]:
            car, station = self.cars[charge["car_id"]], self.stations[charge["station_id"]]
            plug = next(plug for plug in station["plugs"] if plug["plug_id"] == charge["plug_id"])
            energy = charge["energy_before_kwh"]
            for offset, kw in enumerate(charge["kw"]):
                slot = charge["first_slot"] + offset
                begin, end = slot * grid["slot_s"], (slot + 1) * grid["slot_s"]
                on = sum(
                    max(0.0, min(end, stay["plugged_until"]) - max(begin, stay["plugged_from"]))
                    for stay in self.stays[charge["car_id"]]
                    if (stay["station"], stay["plug"]) == (charge["station_id"], charge["plug_id"])
                )
                kwh = kw * on / 3600
                self.expect(abs(kwh - charge["grid_kwh"][offset]) < 1e-6, f"car {charge['car_id']}: kWh in slot {slot}")
                energy += kwh * charging["efficiency"]
                soc = energy / car["battery_kwh"]
                share = 1.0
                if soc > charging["taper_from"]:
                    left = max(0.0, 1 - soc) / (1 - charging["taper_from"])
                    share = charging["taper_end"] + (1 - charging["taper_end"]) * left
                most = min(plug["kw"], car["charge_kw"]) * share
                self.expect(-1e-6 <= kw <= most + 1e-5, f"car {charge['car_id']}: {kw} kW of {most} in slot {slot}")
                drawn[charge["station_id"], slot] += kw
                self.energy_cost += kwh * grid["tariff"][slot]
                self.co2 += kwh * grid["co2_kg"][slot]
            self.expect(
                abs(energy - charge["energy_after_kwh"]) < 1e-6, f"car {charge['car_id']}: energy after charging"
            )
            self.gains[charge["car_id"]].append((charge, energy - charge["energy_before_kwh"]))
            self.expect(energy <= car["battery_kwh"] + 1e-6, f"car {charge['car_id']}: more than its battery holds")
        for (id_, slot), kw in drawn.items():
            cap = self.stations[id_]["site_kw"]
            self.expect(cap is None or kw <= cap + 1e-5, f"station {id_} draws {kw} kW in slot {slot}")
        for site in self.document["sites"]:
            told = {slot: kw for slot, kw in enumerate(site["planned"]["kw"]) if kw}
            own = {slot: kw for (id_, slot), kw in drawn.items() if id_ == site["station_id"] and kw}
            same = told.keys() == own.keys() and all(abs(told[slot] - kw) < 1e-6 for slot, kw in own.items())
            self.expect(same, f"site {site['station_id']}: another power than its charges")
        total = sum(site["planned"]["kwh"] for site in self.document["sites"])
        told_kwh = self.document["kpis"]["after"]["charged_kwh"]
        self.expect(abs(total - told_kwh) <= 1e-6 * max(1.0, total), f"sites draw {total} kWh, told {told_kwh}")

    def empty(self) -> None:
        """What is in each battery from the evening on: stays with what they charge, then the drives between them."""
        for id_, car in self.cars.items():
            energy, left = car["energy_before_kwh"], list(self.gains[id_])
            jobs = sorted(self.jobs[id_], key=lambda job: self.seconds(job["start"]))
            for stay, job in zip_longest(self.stays[id_], jobs):
                for charge, gain in [item for item in left if self.is_of(item[0], stay)]:
                    same = abs(charge["energy_before_kwh"] - energy) < 1e-6
                    self.expect(same, f"car {id_}: plugged in with {energy} kWh, told {charge['energy_before_kwh']}")
                    energy += gain
                    left.remove((charge, gain))
                if job is None:
                    continue
                self.expect(abs(energy - job["energy_at_leave_kwh"]) < 1e-6, f"car {id_} leaves with {energy} kWh")
                energy -= job["drive_m"] / 1000 * car["kwh_per_km"]
                self.expect(abs(energy - job["energy_at_reach_kwh"]) < 1e-6, f"car {id_} arrives with {energy} kWh")
                reserve = self.document["charging"]["reserve"] * car["battery_kwh"]
                self.expect(not job["moves"] or energy >= reserve - 1e-6, f"car {id_} arrives empty: {energy} kWh")
            self.expect(not left, f"car {id_} charges while it is on no plug")
            told = car["energy_after_kwh"]
            self.expect(abs(energy - told) < 1e-6, f"car {id_} opens with {energy} kWh, told {told}")

    def is_of(self, charge: dict[str, Any], stay: dict[str, Any]) -> bool:
        """Whether a charge is of a stay: the same plug, and slots in which the car is on it."""
        slot_s = self.document["grid"]["slot_s"]
        first = charge["first_slot"] * slot_s
        here = (stay["station"], stay["plug"]) == (charge["station_id"], charge["plug_id"])
        return here and first < stay["plugged_until"] and first + len(charge["kw"]) * slot_s > stay["plugged_from"]

    def tasks_left(self) -> float:
        """Price of the tasks that no job does; none is done twice."""
        done = [id_ for jobs in self.jobs.values() for job in jobs for id_ in job["task_ids"]]
        self.expect(len(done) == len(set(done)), "a task is done twice")
        return float(sum(task["price"] for id_, task in self.tasks.items() if id_ not in done))

    def musts_missed(self) -> float:
        """Cars that are not where they must be, and kWh that they must have and lack."""
        missed = 0.0
        for must in self.document["musts"]:
            car = self.cars[must["car_id"]]
            missed += bool(must["station_ids"]) and car["station_after"] not in must["station_ids"]
            missed += lack(car, must["energy_kwh"])
        return missed

    def zones_missed(self) -> int:
        """Ready cars short of floors and over caps."""
        missed = 0
        for zone in self.document["zones"]:
            ready = sum(self.stations[id_]["ready_after"] for id_ in zone["station_ids"])
            missed += max(0, (zone["floor"] or 0) - ready)
            missed += 0 if zone["cap"] is None else max(0, ready - zone["cap"])
        return missed

    def add_up(self) -> None:
        """Ready cars, lost trips, and the objective from its parts."""
        lost = 0.0
        for id_, station in self.stations.items():
            ready = sum(car["ready_after"] for car in self.cars.values() if car["station_after"] == id_)
            self.expect(ready == station["ready_after"], f"station {id_}: {ready} ready cars")
            table = station["lost_trips_by_ready_cars"]
            lost += table[min(ready, len(table) - 1)]
        for id_, car in self.cars.items():
            charged = car["energy_after_kwh"] >= car["ready_kwh"] - 1e-5
            self.expect(charged or not car["ready_after"], f"car {id_} is told ready and is not charged")
        cost, prices = self.document["cost"]["after"], self.document["prices"]
        for name, own in {
            "lost_trips": prices["lost_trip"] * lost,
            "driver_hours": prices["driver_hour"] * self.hours,
            "energy": self.energy_cost,
            "co2": prices["co2_kg"] * self.co2,
            "car_km": prices["car_km"] * sum(job["drive_m"] for jobs in self.jobs.values() for job in jobs) / 1000,
            "driver_use": prices["driver_use"] * len(self.document["routes"]),
            "ride_km": sum(self.modes[mode]["price_km"] * km for mode, km in self.ride_km.items()),
            "missing_kwh": prices["missing_kwh"] * sum(lack(car, car["goal_kwh"]) for car in self.cars.values()),
            "tasks": self.tasks_left(),
            "must": prices["must"] * self.musts_missed(),
            "zones": prices["zone_car"] * self.zones_missed(),
        }.items():
            self.expect(abs(own - cost[name]) < 1e-6 * max(1.0, own), f"{name}: {own}, told {cost[name]}")
        terms = sum(value for name, value in cost.items() if name != "total")
        self.expect(abs(terms - self.document["objective"]) < 1e-6 * max(1.0, terms), "the objective is not its terms")
        self.expect(self.document["best_bound"] <= self.document["objective"] + 1e-6, "the bound is above the plan")


def _stay(
    at: tuple[str, str, str | None], begin: float, end: float | None, plugged: tuple[float, float]
) -> dict[str, Any]:
    return {
        "car": at[0],
        "station": at[1],
        "plug": at[2],
        "begin": begin,
        "end": end,
        "plugged_from": plugged[0],
        "plugged_until": max(plugged),
    }


def _is_there(stay: dict[str, Any], moment: float) -> bool:
    return stay["begin"] <= moment and (stay["end"] is None or stay["end"] > moment)


def lack(car: dict[str, Any], wanted: float) -> float:
    """kWh that a car lacks at opening of what is wanted, rounding left out."""
    missing = wanted - car["energy_after_kwh"]
    return float(missing) if missing > 1e-6 else 0.0
