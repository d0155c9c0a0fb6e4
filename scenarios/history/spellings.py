"""
How operators spell the columns of their histories.

Names are compared without case, spaces, underscores and other marks: `Start Station ID` is `startstationid`. Where a
file has several spellings of one thing, the one that stands first here counts.
"""

from __future__ import annotations

from collections.abc import Mapping

STATUS_SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "ts": (
        "ts",
        "fetched_at",
        "timestamp",
        "datetime",
        "time",
        "last_updated",
        "last_reported",
        "last_update",
    ),
    "station_id": ("station_id", "station", "station_number", "station_code", "terminal", "number", "uid", "id"),
    "bikes": (
        "bikes",
        "num_bikes_available",
        "num_vehicles_available",
        "bikes_available",
        "available_bikes",
        "avail_bikes",
        "free_bikes",
        "nb_bikes",
    ),
    "docks": (
        "docks",
        "num_docks_available",
        "docks_available",
        "available_docks",
        "avail_docks",
        "empty_slots",
        "available_bike_stands",
        "free_docks",
        "nb_empty_docks",
    ),
    "ebikes": ("ebikes", "num_ebikes_available", "ebikes_available", "available_ebikes"),
    "bikes_disabled": ("bikes_disabled", "num_bikes_disabled", "num_vehicles_disabled", "disabled_bikes"),
    "is_renting": ("is_renting", "renting"),
    "is_installed": ("is_installed", "installed"),
}
"""Status over time: our name of a column to its spellings, ours first."""

TRIP_SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "started_at": ("started_at", "start_time", "start_date", "start_datetime", "departure", "departure_time"),
    "ended_at": ("ended_at", "stop_time", "end_time", "end_date", "end_datetime", "return", "return_time"),
    "start_station_id": (
        "start_station_id",
        "start_terminal",
        "start_station_number",
        "start_station_code",
        "emplacement_pk_start",
        "from_station_id",
        "departure_station_id",
        "start_station_logical_terminal",
    ),
    "end_station_id": (
        "end_station_id",
        "end_terminal",
        "end_station_number",
        "end_station_code",
        "emplacement_pk_end",
        "to_station_id",
        "return_station_id",
        "end_station_logical_terminal",
    ),
    "start_station_name": (
        "start_station_name",
        "start_station",
        "from_station_name",
        "departure_station_name",
    ),
    "end_station_name": (
        "end_station_name",
        "end_station",
        "to_station_name",
        "return_station_name",
    ),
    "bike_id": ("bike_id", "bike", "bike_number", "vehicle_id"),
    "vehicle_type": ("vehicle_type", "rideable_type", "bike_model", "bike_type"),
}
"""Trips: our name of a column to its spellings, ours first."""

OPTIONAL = frozenset({"docks", "ebikes", "bikes_disabled", "is_renting", "is_installed", "bike_id", "vehicle_type"})
"""Columns that may be missing."""

NAMES = {"start_station_id": "start_station_name", "end_station_id": "end_station_name"}
"""Columns of station names that may stand in for those of ids."""


def spelled(name: str) -> str:
    """A column's name without case, spaces, underscores and other marks."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())
