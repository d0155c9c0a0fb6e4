"""How many plugs of which kind a charging station has, from what OpenStreetMap says of it (`capacity`, `socket:*`)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from optimiser.siting.problem import ChargerKind
from scenarios.siting.files.feature import number_of, short

SOCKET_KW: Mapping[str, float] = {
    "type1": 7.4,
    "type2": 22.0,
    "type2_cable": 22.0,
    "type3": 22.0,
    "type3c": 22.0,
    "gb_ac": 7.4,
    "cee_blue": 3.7,
    "cee_red_16a": 11.0,
    "cee_red_32a": 22.0,
    "type1_combo": 50.0,
    "type2_combo": 50.0,
    "ccs": 50.0,
    "chademo": 50.0,
    "gb_dc": 60.0,
    "nacs": 150.0,
    "tesla_supercharger": 150.0,
    "tesla_supercharger_ccs": 150.0,
    "tesla_destination": 22.0,
    "schuko": 3.7,
    "typee": 3.7,
    "type_e": 3.7,
    "bs1363": 3.0,
    "nema_5_15": 1.4,
}
"""Usual power of sockets whose output nobody states; of others nothing is assumed."""
LEAST_KW = 5.0
"""Household sockets: a car charges there in a day, so they count for nothing beside others."""
MOST_PLUGS = 200
MOST_KW = 2000.0
ASSUMED_PLUGS = 2
ASSUMED_KW = 22.0
_POWER = re.compile(r"((?:^|(?<=[\s;]))[-−])?(\d+(?:[.,]\d+)?)\s*(kw|kva|w)?\b")
"""An amount with its unit; a minus before it is no dash of a range."""
CAPACITY = ("capacity", "nbre_pdc", "anzahl ladepunkte", "number_charging_points")
"""Columns that may say how many cars charge at once: OpenStreetMap's, and those of French, German, Nordic registers."""
OUTPUTS = (
    *("charging_station:output", "maxpower", "output", "power_kw"),
    *("puissance_nominale", "charging_capacity"),
)
"""Columns that may state the power of each plug of a station."""
SHARED_OUTPUTS = ("nennleistung ladeeinrichtung [kw]", "nennleistung ladeeinrichtung", "anschlussleistung")
"""Columns of the German register for what a station draws with all its plugs together."""
POINT_OUTPUTS = tuple(name for number in range(1, 9) for name in (f"p{number} [kw]", f"nennleistung stecker{number}"))
"""Columns of that register for the power of each point, as it was spelled until 2023 and is since."""
SPEEDS = ("art der ladeeinrichtung", "art der ladeeinrichung")
"""Columns of that register that say whether a station is a fast one, as it is spelled now and was."""
FAST = "schnell"
"""How the word for a fast station begins."""
NORMAL_KW = 22.0
"""A point of more than that is a fast one, by the register's law."""


class Plugs(NamedTuple):
    """Plugs by kind, and what of it is assumed, in words; empty where all is said."""

    plugs: Mapping[str, int]
    assumed: str


def plugs_of(values: Mapping[str, Any], kinds: Sequence[ChargerKind]) -> Plugs:
    """
    Plugs of a station by the study's kinds, each socket counted as the kind whose power is nearest.

    A pillar often has a household socket beside the other, and a cable of each standard for one car: `capacity`, the
    cars that charge at once, is the limit, and faster sockets come first.
    """
    capacity = next((count for name in CAPACITY if (count := _count(values.get(name))) is not None), None)
    sockets = sorted(_points(values) or _sockets(values), reverse=True)
    plugs: dict[str, int] = {}
    if sockets:
        left = MOST_PLUGS if capacity is None else capacity
        for power_kw, count in sockets:
            taken = min(count, left)
            left -= taken
            _add(plugs, power_kw, taken, kinds)
        # Cars for which no socket is listed charge as the slowest do.
        missing = 0 if capacity is None else left
        _add(plugs, sockets[-1][0], missing, kinds)
        return Plugs(plugs, f"{missing} of {capacity} plugs taken as its slowest" if missing else "")
    count = ASSUMED_PLUGS if capacity is None else capacity
    stated_kw, shared_kw = _first_kw(values, OUTPUTS), _first_kw(values, SHARED_OUTPUTS)
    unknown = ["how many plugs"] if capacity is None else []
    if stated_kw is not None:
        _add(plugs, stated_kw, count, kinds)
    elif shared_kw is not None:
        _add(plugs, shared_kw / count, count, _as_fast(values, kinds))
        unknown += [f"what each has of {shared_kw:g} kW"] if count > 1 else []
    else:
        _add(plugs, ASSUMED_KW, count, kinds)
        unknown += ["which power"]
    told = ", ".join(f"{count} × {kind}" for kind, count in plugs.items())
    return Plugs(plugs, f"does not say {' and '.join(unknown)}; assumed {told}" if unknown else "")


def odd_figures(values: Mapping[str, Any]) -> list[str]:
    """What is said of plugs and power, but cannot be understood, in words; it is taken as not said."""

    def is_odd(name: str, value: Any) -> bool:
        said = "" if value is None else str(value).strip().casefold()
        parts = name.split(":")
        is_socket = len(parts) == 2 and parts[0] == "socket"
        if name in CAPACITY or is_socket:
            return said not in {"", *(("yes", "no", "0") if is_socket else ())} and _count(value) is None
        is_power = name in {*OUTPUTS, *SHARED_OUTPUTS} or (parts[0] == "socket" and parts[-1] == "output")
        is_point = name in POINT_OUTPUTS and number_of(value) != 0
        return (is_power or is_point) and bool(said) and _power_kw(value) is None

    return [f"{name} {short(value)!r}" for name, value in values.items() if is_odd(name, value)]


def nearest_kind(power_kw: float, kinds: Sequence[ChargerKind]) -> ChargerKind:
    """The kind whose power is nearest in proportion; the weaker of two."""
    return min(kinds, key=lambda kind: (abs(math.log(max(kind.power_kw, 0.01) / power_kw)), kind.power_kw))


def _add(plugs: dict[str, int], power_kw: float, count: int, kinds: Sequence[ChargerKind]) -> None:
    if count > 0:
        kind = nearest_kind(power_kw, kinds)
        plugs[kind.id] = plugs.get(kind.id, 0) + count


def _first_kw(values: Mapping[str, Any], names: Sequence[str]) -> float | None:
    """What the first of some columns says that says a power."""
    return next((power for name in names if (power := _power_kw(values.get(name))) is not None), None)


def _as_fast(values: Mapping[str, Any], kinds: Sequence[ChargerKind]) -> Sequence[ChargerKind]:
    """Kinds that are fast where the station is said to be, slow where it is said not to be; all where it has none."""
    said = next((str(values[name]).strip().casefold() for name in SPEEDS if values.get(name)), None)
    if said is None:
        return kinds
    return [kind for kind in kinds if (kind.power_kw > NORMAL_KW) == said.startswith(FAST)] or kinds


def _points(values: Mapping[str, Any]) -> list[tuple[float, int]]:
    """Power of each point that is listed by itself, each once; several cables of one are the strongest."""
    return [(power_kw, 1) for name in POINT_OUTPUTS if (power_kw := _power_kw(values.get(name))) is not None]


def _sockets(values: Mapping[str, Any]) -> list[tuple[float, int]]:
    """Power and number of each kind of socket that is listed; household sockets where there are no others."""
    found = []
    for name, value in values.items():
        parts = name.split(":")
        if len(parts) != 2 or parts[0] != "socket":
            continue
        count = 1 if str(value).strip().casefold() == "yes" else _count(value)
        power_kw = _power_kw(values.get(f"{name}:output")) or SOCKET_KW.get(parts[1].replace("-", "_"))
        if count and power_kw is not None:
            found.append((power_kw, count))
    return [(power_kw, count) for power_kw, count in found if power_kw >= LEAST_KW] or found


def _count(value: Any) -> int | None:
    number = number_of(value)
    return int(number) if number is not None and 1 <= number <= MOST_PLUGS and number == int(number) else None


def _power_kw(value: Any) -> float | None:
    """The strongest of the outputs in a text: `22 kW`, `22000 W`, `50 kW;43 kW`; None where none can be told."""
    found = []
    for minus, amount, unit in _POWER.findall(str(value).strip().casefold()) if value is not None else ():
        if minus:
            continue
        power = float(amount.replace(",", ".")) / (1000 if unit == "w" else 1)
        # Without a unit, what no charger has in kilowatts is meant in watts.
        found.append(power / 1000 if not unit and power > MOST_KW else power)
    possible = [power for power in found if 0 < power <= MOST_KW]
    return max(possible) if possible else None
