"""Held-out nights of a small generated past: who can never beat whom, and what is told."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from optimiser.backtest import backtest
from optimiser.basics.errors import InvalidInput
from optimiser.demand.station_targets import DemandSettings
from optimiser.reporting.backtest_document import backtest_document
from optimiser.simulation.held_out import Backtest, StationClass, station_class
from optimiser.simulation.policies import Policy, half_full
from tests.pasts import at_midnight, city_of, generated, ridden

NIGHTS = tuple(at_midnight(day) + timedelta(hours=1) for day in range(21, 26))
SETTINGS = DemandSettings()
LONG_AFTER = at_midnight(400)


@pytest.fixture(scope="module")
def past():
    return generated(capacities=(12, 16, 20, 24, 10, 18, 14, 22), days=28).history


@pytest.fixture(scope="module")
def result(past):
    return backtest(
        city_of(past),
        past,
        (*NIGHTS, LONG_AFTER),
        settings=SETTINGS,
        draws=2,
        plan=lambda snapshot, _: {"S0": 6, "S1": 8},
    )


def same_bikes(result):
    """Nights, policies and outcomes that use just the night's bikes."""
    return [
        (night, policy, outcome)
        for night in result.nights
        for policy, outcome in night.outcomes.items()
        if outcome.opening.sum() == night.bikes
    ]


def test_every_night_within_the_past_is_judged_and_others_are_skipped_with_a_reason(result):
    assert list(NIGHTS) == [night.as_of for night in result.nights]
    assert [(LONG_AFTER, "nobody knows what stood at the stations")] == list(result.skipped)
    assert set(Policy) == set(result.policies)


def test_perfect_foresight_is_never_beaten_with_the_same_bikes(result):
    judged = same_bikes(result)
    assert {Policy.NOTHING, Policy.PROPORTIONAL, Policy.UNLIMITED, Policy.HELD_OUT_RATES} <= {
        item[1] for item in judged
    }
    for night, _, outcome in judged:
        assert night.outcomes[Policy.PERFECT].realised.sum() <= outcome.realised.sum() + 1e-9
    assert result.avoided(Policy.PERFECT).mean > 0


def test_held_out_rates_are_never_beaten_under_themselves_with_the_same_bikes(result):
    for night, _, outcome in same_bikes(result):
        best = night.outcomes[Policy.HELD_OUT_RATES].under_held_out.sum()
        assert best <= outcome.under_held_out.sum() + 1e-9


def test_the_plan_predicts_least_of_all_with_the_same_bikes(result):
    for night, _, outcome in same_bikes(result):
        assert night.outcomes[Policy.UNLIMITED].predicted.sum() <= outcome.predicted.sum() + 1e-9
        free = night.outcomes[Policy.UNLIMITED_BIKES].predicted.sum()
        assert free <= night.outcomes[Policy.UNLIMITED].predicted.sum() + 1e-9


def test_doing_nothing_avoids_nothing(result):
    avoided = result.avoided(Policy.NOTHING)
    assert (0, 0, 0) == (avoided.mean, avoided.low, avoided.high)
    assert 0 == result.share_of(Policy.NOTHING, Policy.PERFECT)
    assert 1 == result.share_of(Policy.PERFECT, Policy.PERFECT)


def test_openings_are_what_the_policies_say(result):
    for night in result.nights:
        opening = {policy: outcome.opening for policy, outcome in night.outcomes.items()}
        rooms = np.array([12, 16, 20, 24, 10, 18, 14, 22])
        assert tuple(f"S{number}" for number in range(8)) == night.station_ids
        assert night.bikes == opening[Policy.NOTHING].sum()
        assert half_full(rooms).tolist() == opening[Policy.HALF_FULL].tolist()
        # The plan said S0 and S1; all others stay as they are.
        assert [6, 8, *opening[Policy.NOTHING][2:]] == opening[Policy.VANS].tolist()
        assert all((0 <= held).all() and (held <= rooms).all() for held in opening.values())


def test_the_operator_of_the_past_brings_stations_back_to_the_middle(result):
    # The past's vans come at three: only bikes that jump, at stations that had run dry or full.
    moved = [
        night.outcomes[Policy.OPERATOR].opening - night.outcomes[Policy.NOTHING].opening for night in result.nights
    ]
    assert any(change.any() for change in moved)


@pytest.mark.parametrize("policy", [Policy.NOTHING, Policy.UNLIMITED, Policy.PERFECT])
def test_an_interval_contains_its_mean(result, policy):
    for told in (result.lost(policy), result.avoided(policy)):
        assert told.low <= told.mean <= told.high
    assert result.lost(policy).mean == pytest.approx(np.mean([night.lost(policy) for night in result.nights]))


def test_bins_cover_all_station_nights_with_rising_predictions(result):
    bins = result.reliability(Policy.NOTHING)
    assert 5 * 8 == sum(item.count for item in bins)
    predicted = [item.predicted for item in bins]
    assert sorted(predicted) == predicted
    assert sum(item.count * item.realised for item in bins) == pytest.approx(result.per_night(Policy.NOTHING).sum())
    assert all(item.low <= item.realised <= item.high for item in bins)


def test_classes_and_hours_add_up_to_the_night(result):
    lost = result.lost(Policy.UNLIMITED).mean
    kinds = result.by_class(Policy.UNLIMITED)
    assert 5 * 8 == sum(count for count, _, _ in kinds.values())
    assert lost == pytest.approx(sum(realised for _, realised, _ in kinds.values()))
    realised, predicted = result.by_hour(Policy.UNLIMITED)
    assert ((24,), (24,)) == (realised.shape, predicted.shape)
    assert lost == pytest.approx(realised.sum())


@pytest.mark.parametrize(
    ("rentals", "returns", "kind"),
    # A tenth of both together is still balanced.
    [
        (4, 5.9, StationClass.QUIET),
        (11, 9, StationClass.BALANCED),
        (11.1, 8.9, StationClass.DRAINS),
        (5, 9, StationClass.FILLS),
    ],
)
def test_classes_of_stations(rentals, returns, kind):
    assert kind == station_class(rentals, returns)


def test_a_document_holds_plain_finite_values(result, past):
    document = backtest_document(result, city_of(past), about={"asked": "by a test"})
    text = json.dumps(document, allow_nan=False)
    assert document == json.loads(text)
    assert ("by a test", 5) == (document["asked"], document["judged_nights"])
    assert [policy.value for policy in Policy] == [item["policy"] for item in document["policies"]]
    assert "nobody knows" in document["skipped"][0]["reason"]


def test_a_document_of_no_night_at_all_is_still_one(past):
    nothing = Backtest(nights=(), skipped=((LONG_AFTER, "nobody knows"),), seed=1)
    document = backtest_document(nothing, city_of(past), about={})
    assert (0, []) == (document["judged_nights"], document["policies"])
    json.dumps(document, allow_nan=False)


def test_the_same_seed_gives_the_same_figures(past):
    one, other = (backtest(city_of(past), past, NIGHTS[:3], settings=SETTINGS, draws=2, seed=3) for _ in range(2))
    assert 3 == len(one.nights)
    assert one.per_night(Policy.PERFECT).tolist() == other.per_night(Policy.PERFECT).tolist()
    assert Policy.VANS not in one.policies


def test_a_single_night_is_judged(past):
    made = backtest(city_of(past), past, NIGHTS[:1], settings=SETTINGS, draws=1)
    assert ((), 1) == (made.skipped, len(made.nights))


def test_whoever_waits_is_told_of_every_night(past):
    told = []
    backtest(
        city_of(past),
        past,
        (NIGHTS[0], LONG_AFTER),
        settings=SETTINGS,
        draws=1,
        on_night=lambda outcome, night, reason: told.append((outcome is not None, night, reason)),
    )
    assert [(True, NIGHTS[0], ""), (False, LONG_AFTER, "nobody knows what stood at the stations")] == told


def test_nights_of_which_nothing_is_known_are_refused_with_the_span_of_the_past(past):
    with pytest.raises(InvalidInput, match=r"no night lies within the history \(2026-09-28T00:00.*2026-10-25T23:40"):
        backtest(city_of(past), past, [LONG_AFTER, at_midnight(-5)], settings=SETTINGS)
    with pytest.raises(InvalidInput, match="empty"):
        backtest(city_of(past), replace(past, status=None), NIGHTS, settings=SETTINGS)


def test_a_night_before_anything_is_known_is_skipped(past):
    made = backtest(city_of(past), past, (at_midnight(0), NIGHTS[0]), settings=SETTINGS, draws=1)
    assert [at_midnight(0)] == [night for night, _ in made.skipped]
    assert list(NIGHTS[:1]) == [night.as_of for night in made.nights]


def test_a_past_of_trips_can_be_judged_too():
    rides = ridden(stations=6, bikes=40, days=24)
    nights = [datetime(2026, 10, day, 1, tzinfo=UTC) for day in (15, 16, 17, 18)]
    made = backtest(city_of(rides), rides, nights, settings=SETTINGS, draws=2)
    assert nights == [night.as_of for night in made.nights]
    for night, _, outcome in same_bikes(made):
        assert night.outcomes[Policy.PERFECT].realised.sum() <= outcome.realised.sum() + 1e-9
