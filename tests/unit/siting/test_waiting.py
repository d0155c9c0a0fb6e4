"""Queues at chargers against textbook values."""

from __future__ import annotations

from itertools import pairwise

import pytest

from optimiser.siting.waiting import busiest_rate, erlang_c, mean_wait_minutes, waiting_share


def test_one_plug_is_taken_as_often_as_it_is_busy():
    # M/M/1: P(wait) = load
    assert erlang_c(1, 0.3) == pytest.approx(0.3)


def test_two_plugs_with_a_load_of_one():
    # M/M/2, load 1: Erlang B = 1/5, C = (1/5) / (1 - 1/2 * 4/5) = 1/3
    assert erlang_c(2, 1.0) == pytest.approx(1 / 3)


def test_everybody_waits_once_more_come_than_can_be_served():
    assert erlang_c(3, 3.0) == 1.0
    assert waiting_share(3, per_hour=3.0, session_minutes=60, max_wait_minutes=10) == 1.0
    assert mean_wait_minutes(3, per_hour=3.0, session_minutes=60) is None


def test_mean_wait_of_one_plug():
    # M/M/1 with load 1/2 and sessions of 30 min: 0.5 * 30 / (1 - 0.5) = 30 min
    assert mean_wait_minutes(1, per_hour=1.0, session_minutes=30) == pytest.approx(30)


def test_without_plugs_nobody_can_come():
    assert busiest_rate(0, session_minutes=60, max_wait_minutes=10, wait_share=0.1) == 0.0


@pytest.mark.parametrize("plugs", [1, 2, 5, 20])
def test_the_busiest_rate_just_keeps_the_limit(plugs):
    given = {"session_minutes": 45.0, "max_wait_minutes": 5.0}
    rate = busiest_rate(plugs, **given, wait_share=0.2)
    assert waiting_share(plugs, per_hour=rate, **given) <= 0.2
    assert waiting_share(plugs, per_hour=rate * 1.001, **given) > 0.2


def test_plugs_at_one_place_take_more_than_apart():
    rates = [busiest_rate(plugs, session_minutes=60, max_wait_minutes=10, wait_share=0.1) for plugs in range(9)]
    assert [rates[plugs] for plugs in (1, 2, 4)] == pytest.approx([0.12, 0.57, 1.87], abs=0.005)
    steps = [after - before for before, after in pairwise(rates)]
    assert steps == sorted(steps)
