"""How busy a coming day is expected to be."""

from datetime import timedelta

import numpy as np
import pytest

from optimiser.demand.activity import LEAST_WEATHER_DAYS, WEIGHTS, forecast_activity
from tests.pasts import MONDAY


def forecast_both(rentals, returns, *, watched=None, ahead=0, weather=None):
    """Activity of the day that follows the factors, or one later; the first day is a Monday."""
    factors = np.array([rentals, returns], dtype=float)
    days = factors.shape[1]
    is_off = np.arange(days) % 7 >= 5
    return forecast_activity(
        factors,
        np.ones(days, dtype=bool) if watched is None else watched,
        is_off=is_off,
        off=(days + ahead) % 7 >= 5,
        first_day=MONDAY,
        coming=MONDAY + timedelta(days + ahead),
        weather=weather,
    )


def forecast(factors, **more):
    """The same where rentals and returns go together."""
    renting, returning = forecast_both(factors, factors, **more)
    assert renting == returning
    return renting


def rainy(days, *, tomorrow, effect=-0.5):
    """Days of which every third or so is rainy and quieter by `exp(effect)`; the weather of these and the next."""
    rain = np.random.default_rng(4).random(days) < 0.35
    weather = {MONDAY + timedelta(day): (15.0, float(wet)) for day, wet in enumerate(rain.tolist())}
    weather[MONDAY + timedelta(days)] = (15.0, float(tomorrow))
    return np.exp(effect * rain), weather


def test_nothing_known_is_an_average_day():
    activity = forecast([], watched=np.zeros(0, dtype=bool))
    # Nothing says that it is busier or quieter than the average.
    assert 1.0 == activity.factor
    assert 0.2 == pytest.approx(activity.sigma)
    assert activity == forecast([3.0, 0.2], watched=np.zeros(2, dtype=bool))


@pytest.mark.parametrize("level", [0.4, 1.0, 2.5])
def test_steady_activity_goes_on(level):
    activity = forecast([level] * 60)
    assert level == pytest.approx(activity.factor, rel=0.01)
    assert activity.sigma < 0.12


def test_a_step_is_followed_within_a_week():
    # 0.3 of the gap a day: 1 - 0.7^7 = 92 % of log 1.5 after seven days, a little more by the trend.
    activity = forecast([1.0] * 40 + [1.5] * 7)
    assert 1.5 == pytest.approx(activity.factor, rel=0.07)
    # Two workdays; two days of a weekend say less.
    after_two, weekend = forecast([1.0] * 42 + [1.5] * 2), forecast([1.0] * 40 + [1.5] * 2)
    assert 1.15 < after_two.factor < 1.4
    assert 1.05 < weekend.factor < after_two.factor


def test_days_that_were_not_watched_say_nothing():
    factors = np.array([1.3] * 30)
    gone = factors.copy()
    gone[10:15] = 9.0
    watched = np.ones(30, dtype=bool)
    watched[10:15] = False
    assert 1.3 == pytest.approx(forecast(gone, watched=watched).factor, rel=0.02)


def test_restless_days_are_less_sure_than_steady_ones():
    noise = np.random.default_rng(1).normal(0, 0.4, 60)
    restless, steady = forecast(np.exp(noise)), forecast([1.0] * 60)
    assert restless.sigma > 2 * steady.sigma
    assert restless.kinds[0] < steady.kinds[0] < 1 < steady.kinds[2] < restless.kinds[2]


@pytest.mark.parametrize("factors", [[], [1.0], [0.2, 4.0, 1.0], list(np.linspace(0.1, 3, 50))])
def test_the_mean_of_the_kinds_of_day_is_1(factors):
    kinds = forecast(factors).kinds
    assert 1 == pytest.approx(sum(weight * kind for weight, kind in zip(WEIGHTS, kinds, strict=True)))
    assert kinds[0] <= kinds[1] <= kinds[2]


def test_rain_lowers_a_rainy_forecast_and_not_a_dry_one():
    factors, weather = rainy(60, tomorrow=True)
    wet = forecast(factors, weather=weather)
    dry = forecast(*rainy(60, tomorrow=False)[:1], weather=rainy(60, tomorrow=False)[1])
    blind = forecast(factors)
    assert 60 == wet.weather_days == dry.weather_days
    # Dry days are at 1, rainy ones at exp(-0.5) = 0.61; the ridge keeps some of the effect back.
    assert 1 == pytest.approx(dry.factor, abs=0.1)
    assert 0.61 == pytest.approx(wet.factor, abs=0.1)
    assert wet.factor < blind.factor < dry.factor + 0.05
    assert wet.sigma < blind.sigma


def test_weather_that_changes_nothing_is_ignored():
    factors, weather = rainy(60, tomorrow=True, effect=0.0)
    assert 1 == pytest.approx(forecast(factors, weather=weather).factor, rel=0.01)


def test_two_weeks_of_weather_are_the_least_that_explains_something():
    for days, known in ((LEAST_WEATHER_DAYS - 1, 0), (LEAST_WEATHER_DAYS, LEAST_WEATHER_DAYS)):
        factors, weather = rainy(days, tomorrow=True)
        assert known == forecast(factors, weather=weather).weather_days


def test_without_the_coming_days_weather_that_of_the_past_does_not_count():
    factors, weather = rainy(60, tomorrow=True)
    del weather[MONDAY + timedelta(60)]
    assert forecast(factors) == forecast(factors, weather=weather)


def test_weather_that_never_changed_does_not_count():
    weather = {MONDAY + timedelta(day): (15.0, 0.0) for day in range(31)}
    assert 0 == forecast([1.0] * 30, weather=weather).weather_days


def test_returns_that_catch_up_with_rentals_are_followed_at_once_however_restless_the_days_are():
    # Rain and sun move both alike by a third; from the 46th day on returns are 1.2 times what they were.
    restless = np.exp(np.random.default_rng(3).normal(0, 0.3, 50))
    renting, returning = forecast_both(restless, restless * np.where(np.arange(50) < 45, 1.0, 1.2))
    assert 1.2 == pytest.approx(returning.factor / renting.factor, rel=0.05)


def test_a_sunny_weekend_says_little_of_monday_where_weekends_always_swing():
    random = np.random.default_rng(5)
    logs = np.where(np.arange(70) % 7 >= 5, random.normal(0, 0.6, 70), random.normal(0, 0.05, 70))
    logs[-2:] = 0.9
    # Exponential smoothing by 0.4 a day would go on at exp(0.9 (1 - 0.6 x 0.6)) = 1.8.
    monday = forecast(np.exp(logs))
    assert monday.factor < 1.25
    saturday = forecast(np.exp(logs[:68]), ahead=0)
    assert saturday.sigma > forecast(np.exp(logs[:67])).sigma
