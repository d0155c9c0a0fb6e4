"""Distances on the globe, and places as checked arrays of coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.findings import Findings
from optimiser.network.travel import Place

EARTH_RADIUS_M = 6_371_009.0
"""Mean radius; the one OSMnx uses, so that lengths agree."""

FloatArray = NDArray[np.float64]


def great_circle_m(lon_1: Any, lat_1: Any, lon_2: Any, lat_2: Any) -> FloatArray:
    """Metres between points in degrees by the haversine formula; broadcasts like NumPy."""
    phi_1, phi_2 = np.radians(lat_1), np.radians(lat_2)
    half_lat = (phi_2 - phi_1) / 2
    half_lon = np.radians(np.asarray(lon_2) - np.asarray(lon_1)) / 2
    chord = np.sin(half_lat) ** 2 + np.cos(phi_1) * np.cos(phi_2) * np.sin(half_lon) ** 2
    arc: FloatArray = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0)))
    return arc


def on_sphere(lon_lat: FloatArray) -> FloatArray:
    """Points of the unit sphere, shape (n, 3), for longitudes and latitudes, shape (n, 2)."""
    lon, lat = np.radians(lon_lat).T
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def chord(metres: Any) -> Any:
    """The straight way through the unit sphere for such ways along the globe; from half of it on everything is near."""
    return 2 * np.sin(np.minimum(np.asarray(metres) / EARTH_RADIUS_M / 2, np.pi / 2))


def coordinates(places: Sequence[Place]) -> FloatArray:
    """
    Longitudes and latitudes of the places, float64 of shape (n, 2).

    Raises
    ------
    InvalidInput
        Names every place whose longitude is not within -180..180 or whose latitude is not within -90..90.
    """
    lon_lat = np.array([(place.lon, place.lat) for place in places], dtype=np.float64).reshape(len(places), 2)
    findings = Findings()
    for name, column, limit in (("lon", 0, 180.0), ("lat", 1, 90.0)):
        # NaN compares false with everything, so it is caught here as well.
        for index in np.flatnonzero(~(np.abs(lon_lat[:, column]) <= limit)).tolist():
            value = float(lon_lat[index, column])
            findings.error(
                "place_position",
                f"{name} of place {places[index].id} is {value}",
                source="places",
                where=f"/{index}/{name}",
                value=value,
                hint=f"degrees within -{limit:.0f}..{limit:.0f}",
            )
    findings.raise_errors("places")
    return lon_lat
