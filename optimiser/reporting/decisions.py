"""Stops, and what differs between two plans, in the words that every document has for them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from optimiser.rebalancing.evaluate import Changes
from optimiser.rebalancing.plan import Stop


def stop_words(stop: Stop) -> dict[str, Any]:
    """Where, and how many of what; times and loads are no decisions."""
    return {
        "station_id": stop.station_id,
        "pickup": stop.pickup,
        "dropoff": stop.dropoff,
        "swaps": stop.swaps,
        "low_charge_pickup": stop.low_pickup,
        "broken_pickup": stop.broken_pickup,
    }


def changes_words(changes: Changes) -> dict[str, Any]:
    """How much differs, and the routes that do."""
    return {
        "kept": changes.kept,
        "churn": changes.churn,
        "details": changes.details,
        "routes": [
            asdict(route)
            | {
                "other_quantities": [
                    {"before": stop_words(pair.before), "after": stop_words(pair.after)}
                    for pair in route.other_quantities
                ]
            }
            for route in changes.routes
            if not route.is_same
        ],
    }
