"""
Columns of the arrays that a night is made of.

Few wide arrays instead of many narrow ones: handing over arrays is what costs time where functions are small.
"""

from __future__ import annotations

PLACE = 0
"""Of a station or car: its row in the travel matrices; of a driver on the way: where the driver is."""

# stations, beside PLACE
BAYS, OPENS, CLOSES, FIRST_PLUG, END_PLUG, FIRST_ZONE, END_ZONE, CARS = 1, 2, 3, 4, 5, 6, 7, 8
STATION_WIDTH = 9

# plugs
CONNECTOR, FREE_FROM = 0, 1
"""A bit; never where one of the cars is on it at first."""

# zones
FLOOR, CAP = 0, 1

# cars, beside PLACE
AT, PLUG, CONNECTORS, FROM, UNTIL, IS_BOOKED, CAN_MOVE, NEEDS, TASK_S, TASK_NEEDS, READY_ALONE, IN_STREET = range(1, 13)
"""AT is a station, PLUG -1 for none; READY_ALONE whether it is ready at opening if nobody comes; IN_STREET
whether it stands at a place of its own, where there is no plug."""
CAR_WIDTH = 13

# cars: kWh, kW and prices
BATTERY, ENERGY, READY, RESERVE, PER_M, POWER, GOAL, MUST, TASK_PRICE, ALONE = range(10)
"""READY is infinite for cars that nobody can rent tomorrow; ALONE is what a car costs if nobody comes."""
CAR_KWH_WIDTH = 10

# drivers
START, END, MODE, SHIFT_START, SHIFT_END, BREAK, EARLIEST, LATEST, SKILLS = range(9)
DRIVER_WIDTH = 9

# drivers on the way, beside PLACE
DONE, CLOCK, BROKE, BREAK_BEFORE, WAITS = 1, 2, 3, 4, 5
"""Jobs done; the moment; when the break began and before which job, -1 = not; whether the driver has to wait."""
COURSE_WIDTH = 6

# jobs, as decided
STATION, PLUGS_IN, TASKS, CHARGED = 0, 1, 2, 3
"""CHARGED is whether the driver waits until the plug that the car is on has made it ready to be rented."""
JOB_WIDTH = 4

# jobs, as they come out
ARRIVAL, STARTS, LEAVES, REACHES, ENDS, ON_PLUG = range(6)
TIMED_WIDTH = 6

# stations in the course of a night
HELD, LEFT = 0, 1
"""Cars there or on the way that nobody has come for yet; how many have left."""
