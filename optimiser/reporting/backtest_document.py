"""backtest.json: what held-out nights told, for programs."""

from __future__ import annotations

from typing import Any

from optimiser.basics.city import City
from optimiser.simulation.held_out import Backtest, Bin, Estimate, NightOutcome
from optimiser.simulation.policies import Policy

FORMAT = "evenfleet-backtest/1"
"""Additions keep the number; anything that could break a reader raises it."""

LABELS = {
    Policy.NOTHING: "Doing nothing",
    Policy.OPERATOR: "What the operator did",
    Policy.HALF_FULL: "Every station half full",
    Policy.PROPORTIONAL: "Every station as full as the fleet",
    Policy.UNLIMITED: "evenfleet, unlimited vans",
    Policy.UNLIMITED_BIKES: "evenfleet, unlimited vans and bikes",
    Policy.VANS: "evenfleet, the real vans",
    Policy.HELD_OUT_RATES: "Rates of the held-out days",
    Policy.PERFECT: "Perfect foresight",
}
JUDGED = (Policy.NOTHING, Policy.UNLIMITED, Policy.VANS)
"""Policies whose predictions are held against what came."""


def backtest_document(result: Backtest, city: City, *, about: dict[str, Any]) -> dict[str, Any]:
    """Plain values for JSON; `about` says what was asked for and what the history holds, and is taken as it is."""
    judged = [policy for policy in JUDGED if policy in result.policies]
    return {
        "format": FORMAT,
        "city": {"city_id": city.id, "name": city.name, "time_zone": city.time_zone},
        "labels": {"synthetic": list(city.synthetic), "attribution": list(city.attribution)},
        **about,
        "seed": result.seed,
        "judged_nights": len(result.nights),
        "skipped": [{"as_of": night.isoformat(), "reason": reason} for night, reason in result.skipped],
        "policies": [_policy(result, policy) for policy in result.policies],
        "calibration": {
            policy.value: {
                "predicted_over_realised": result.calibration(policy),
                "predicted_over_held_out_rates": result.calibration(policy, "under_held_out"),
            }
            for policy in judged
        },
        "reliability": {policy.value: [_bin(item) for item in result.reliability(policy)] for policy in judged},
        "by_class": {
            policy.value: {
                kind.value: {"station_nights": count, "realised": realised, "predicted": predicted}
                for kind, (count, realised, predicted) in result.by_class(policy).items()
            }
            for policy in result.policies
        },
        "by_hour": {policy.value: _hours(result, policy) for policy in result.policies},
        "nights": [_night(night) for night in result.nights],
    }


def _policy(result: Backtest, policy: Policy) -> dict[str, Any]:
    return {
        "policy": policy.value,
        "label": LABELS[policy],
        "bikes_per_night": sum(int(night.outcomes[policy].opening.sum()) for night in result.nights)
        / len(result.nights),
        "lost_per_night": _estimate(result.lost(policy)),
        "avoided_per_night": _estimate(result.avoided(policy)),
        "predicted_per_night": float(result.per_night(policy, "predicted").mean()),
        "held_out_rates_per_night": float(result.per_night(policy, "under_held_out").mean()),
        "share_of_held_out_rates_gain": result.share_of(policy, Policy.HELD_OUT_RATES, "under_held_out"),
        "share_of_held_out_rates_gain_realised": result.share_of(policy, Policy.HELD_OUT_RATES),
        "share_of_perfect_gain": result.share_of(policy, Policy.PERFECT),
    }


def _estimate(value: Estimate) -> dict[str, float]:
    return {"mean": value.mean, "low": value.low, "high": value.high}


def _bin(item: Bin) -> dict[str, float]:
    return {
        "station_nights": item.count,
        "predicted": item.predicted,
        "realised": item.realised,
        "low": item.low,
        "high": item.high,
    }


def _hours(result: Backtest, policy: Policy) -> dict[str, list[float]]:
    realised, predicted = result.by_hour(policy)
    return {"realised": realised.tolist(), "predicted": predicted.tolist()}


def _night(night: NightOutcome) -> dict[str, Any]:
    return {
        "as_of": night.as_of.isoformat(),
        "stations": len(night.station_ids),
        "bikes": night.bikes,
        "wanted": night.wanted,
        "restored_share": night.restored,
        **{
            part: {policy.value: float(getattr(outcome, name).sum()) for policy, outcome in night.outcomes.items()}
            for part, name in (
                ("lost", "realised"),
                ("predicted", "predicted"),
                ("held_out_rates", "under_held_out"),
            )
        },
    }
