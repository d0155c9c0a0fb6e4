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
CAPACITY = ("capacity", "nbre_pdc", "anzahl ladepunkte")
"""Columns that may say how many cars charge at once: OpenStreetMap's, and those of the French and German registers."""
OUTPUTS = (
    *("charging_station:output", "maxpower", "output", "power_kw"),
    *("puissance_nominale", "nennleistung ladeeinrichtung [kw]", "nennleistung ladeeinrichtung"),
)
"""Columns that may state the power of a station."""


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
    sockets = sorted(_sockets(values), reverse=True)
    if any(power_kw >= LEAST_KW for power_kw, _ in sockets):
        sockets = [(power_kw, count) for power_kw, count in sockets if power_kw >= LEAST_KW]
    stated_kw = next((power for name in OUTPUTS if (power := _power_kw(values.get(name))) is not None), None)
    left = MOST_PLUGS if capacity is None else capacity
    plugs: dict[str, int] = {}
    for power_kw, count in sockets:
        taken = min(count, left)
        left -= taken
        _add(plugs, power_kw, taken, kinds)
    if sockets:
        # Cars for which no socket is listed charge as the slowest do.
        missing = 0 if capacity is None else left
        _add(plugs, sockets[-1][0], missing, kinds)
        return Plugs(plugs, f"{missing} of {capacity} plugs taken as its slowest" if missing else "")
    power_kw = ASSUMED_KW if stated_kw is None else stated_kw
    _add(plugs, power_kw, ASSUMED_PLUGS if capacity is None else capacity, kinds)
    unknown = [
        *(["how many plugs"] if capacity is None else []),
        *(["which power"] if stated_kw is None else []),
    ]
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
        is_power = name in OUTPUTS or (parts[0] == "socket" and parts[-1] == "output")
        return is_power and bool(said) and _power_kw(value) is None

    return [f"{name} {short(value)!r}" for name, value in values.items() if is_odd(name, value)]


def nearest_kind(power_kw: float, kinds: Sequence[ChargerKind]) -> ChargerKind:
    """The kind whose power is nearest in proportion; the weaker of two."""
    return min(kinds, key=lambda kind: (abs(math.log(max(kind.power_kw, 0.01) / power_kw)), kind.power_kw))


def _add(plugs: dict[str, int], power_kw: float, count: int, kinds: Sequence[ChargerKind]) -> None:
    if count > 0:
        kind = nearest_kind(power_kw, kinds)
        plugs[kind.id] = plugs.get(kind.id, 0) + count


def _sockets(values: Mapping[str, Any]) -> list[tuple[float, int]]:
    """Power and number of each kind of socket that is listed."""
    found = []
    for name, value in values.items():
        parts = name.split(":")
        if len(parts) != 2 or parts[0] != "socket":
            continue
        count = 1 if str(value).strip().casefold() == "yes" else _count(value)
        power_kw = _power_kw(values.get(f"{name}:output")) or SOCKET_KW.get(parts[1].replace("-", "_"))
        if count and power_kw is not None:
            found.append((power_kw, count))
    return found


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
