"""Whom to name where a result is shown: whom the city names, and OpenStreetMap, also where nobody thought of it."""

from __future__ import annotations

from optimiser.network.graph import ATTRIBUTION

OSM_ATTRIBUTION = f"{ATTRIBUTION}, ODbL"


def whom_to_name(named: tuple[str, ...], *, is_osm: bool) -> tuple[str, ...]:
    """Whom the city names, and OpenStreetMap where its data is used (`is_osm`) and the city does not say so."""
    is_told = any("openstreetmap" in text.casefold() for text in named)
    return (*named, OSM_ATTRIBUTION) if is_osm and not is_told else named
