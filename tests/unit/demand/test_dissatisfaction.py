"""Expected losses against closed forms, exact exponentials and common sense."""

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.stats import poisson

from optimiser.demand.dissatisfaction import losses, losses_by_slot

HOUR_S = 3600.0


def table(rental, giving, room, *, slot_s=HOUR_S, **zone):
    """Losses of one station; rates per hour by slot."""
    out, into = (np.array([rates], dtype=float) / 3600 for rates in (rental, giving))
    return losses(out, into, np.array([room]), slot_s=slot_s, **zone)


def exact(rental, giving, room, *, slot_s=HOUR_S, cost=None):
    """
    Lost rentals and returns, empty and full seconds (or one `cost` per second by state), from each opening.

    The chain is followed together with the integral of a cost rate: expm([[Q, c], [0, 0]] t).
    """
    states = np.arange(room + 1)
    value = np.zeros((room + 1, 4))
    for out, into in zip(np.array(rental)[::-1] / 3600, np.array(giving)[::-1] / 3600, strict=True):
        chain = np.diag([out] * room, -1) + np.diag([into] * room, 1)
        chain -= np.diag(chain.sum(axis=1))
        empty, full = 1.0 * (states == 0), 1.0 * (states == room)
        rates = np.column_stack([out * empty, into * full, empty, full]) if cost is None else np.array([cost] * 4).T
        block = np.zeros((room + 5, room + 5))
        block[: room + 1, : room + 1], block[: room + 1, room + 1 :] = chain, rates
        moved = expm(block * slot_s)[: room + 1]
        value = moved[:, : room + 1] @ value + moved[:, room + 1 :]
    return value.T


def test_without_returns_what_is_lost_is_what_exceeds_the_bikes():
    # N ~ Poisson(2 + 3.5 + 0): E[(N - s)+] rentals are lost from s bikes.
    made = table([2.0, 3.5, 0.0], [0.0] * 3, 12)
    counts = np.arange(80)
    lost = [(poisson.pmf(counts, 5.5) * np.maximum(0, counts - bikes)).sum() for bikes in range(13)]
    np.testing.assert_allclose(made.rentals[0], lost, atol=1e-10)
    np.testing.assert_allclose(made.returns[0], 0, atol=1e-12)


def test_without_rentals_what_is_lost_is_what_exceeds_the_docks():
    # The mirror image: from s bikes, 6 - s docks are free.
    made = table([0.0], [4.0], 6)
    counts = np.arange(60)
    lost = [(poisson.pmf(counts, 4) * np.maximum(0, counts - (6 - bikes))).sum() for bikes in range(7)]
    np.testing.assert_allclose(made.returns[0], lost, atol=1e-10)


def test_nobody_comes_nobody_is_lost():
    made = table([0.0] * 3, [0.0] * 3, 4)
    assert 0 == made.trips.max()
    # Empty, or full, for all three hours.
    assert [10_800, 0, 0, 0, 0] == made.empty_s[0].tolist()
    assert [0, 0, 0, 0, 10_800] == made.full_s[0].tolist()


@pytest.mark.parametrize("room", [0, 1, 4, 15])
@pytest.mark.parametrize(
    ("rental", "giving"),
    [([3, 0, 9, 1], [1, 4, 0, 6]), ([40, 2, 2, 40], [10, 30, 30, 10]), ([0, 0, 500, 0.1], [300, 0, 450, 0.1])],
)
def test_losses_are_those_of_the_exact_chain(room, rental, giving):
    # 500 + 450 events in one hour are cut into pieces of at most 200.
    made, truth = table(rental, giving, room), exact(rental, giving, room)
    for own, wanted in zip((made.rentals, made.returns, made.empty_s, made.full_s), truth, strict=True):
        np.testing.assert_allclose(own[0], wanted, rtol=1e-8, atol=1e-7)


def test_stations_of_different_sizes_do_not_disturb_each_other():
    rates = np.array([[3.0, 1.0], [8.0, 2.0], [0.0, 5.0]]) / 3600
    rooms = np.array([2, 0, 5])
    together = losses(rates, rates[::-1], rooms, slot_s=HOUR_S)
    assert (3, 6) == together.trips.shape
    for station, room in enumerate(rooms.tolist()):
        alone = losses(rates[[station]], rates[::-1][[station]], rooms[[station]], slot_s=HOUR_S)
        assert together.trips[station, : room + 1].tolist() == alone.trips[0].tolist()
        assert np.isnan(together.trips[station, room + 1 :]).all()


def test_losses_by_slot_sum_to_the_losses():
    random = np.random.default_rng(2)
    rental, giving = random.uniform(0, 30, (2, 20, 48)) / 3600
    rooms = random.integers(0, 25, 20)
    opening = random.integers(0, rooms + 1)
    rentals, returns = losses_by_slot(rental, giving, rooms, opening, slot_s=1800)
    whole = losses(rental, giving, rooms, slot_s=1800)
    stations = np.arange(20)
    np.testing.assert_allclose(rentals.sum(axis=1), whole.rentals[stations, opening], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(returns.sum(axis=1), whole.returns[stations, opening], rtol=1e-9, atol=1e-9)


def test_losses_by_slot_fall_into_the_slots_in_which_riders_come():
    rentals, returns = losses_by_slot(
        np.array([[0.0, 6.0, 0.0]]) / 3600, np.zeros((1, 3)), np.array([5]), np.array([0]), slot_s=HOUR_S
    )
    # Without a bike all six are lost in the second hour.
    np.testing.assert_allclose(rentals, [[0, 6, 0]], atol=1e-10)
    assert 0 == returns.max()


def test_no_return_is_refused_in_a_zone_but_crowding_costs():
    # Nobody rides: 10 bikes where 6 are welcome, four too many for two hours at 0.05 an hour each: 0.4 trips.
    made = table([0.0] * 2, [0.0] * 2, 12, soft=np.array([6.0]), crowding=0.05)
    assert 0.4 == pytest.approx(made.returns[0, 10])
    assert [0] * 7 == made.returns[0, :7].tolist()
    assert 0 == made.full_s.max()


@pytest.mark.parametrize(
    ("rental", "giving"),
    # The last: all bikes go, then more come than ever went at once.
    [([2, 1], [1, 3]), ([0, 20], [15, 0]), ([60, 0, 0], [0, 60, 60])],
)
def test_a_zones_losses_are_those_of_a_chain_without_an_upper_end(rental, giving):
    top, room, soft = 190, 12, 5
    made = table(rental, giving, room, soft=np.array([float(soft)]), crowding=0.1)
    crowded = 0.1 / 3600 * np.maximum(0, np.arange(top + 1) - soft)
    lost_rentals, *_ = exact(rental, giving, top)
    np.testing.assert_allclose(made.rentals[0], lost_rentals[: room + 1], rtol=1e-6, atol=1e-7)
    crowding, *_ = exact(rental, giving, top, cost=crowded)
    np.testing.assert_allclose(made.returns[0], crowding[: room + 1], rtol=1e-6, atol=1e-7)


def test_a_zone_that_empties_and_then_fills_is_followed_all_the_way():
    # 1,200 rentals leave nothing, then 1,000 returns: (1000 t - 5) too many at 0.1 an hour, about 0.1 x 495 = 49.5.
    made = table([1200, 0], [0, 1000], 10, soft=np.array([5.0]), crowding=0.1)
    assert 49.5 == pytest.approx(made.returns[0, 5], rel=0.01)


def test_a_zone_beside_stations_leaves_them_as_they_are():
    rates = np.array([[5.0, 2.0], [5.0, 2.0]]) / 3600
    rooms = np.array([8, 8])
    mixed = losses(rates, rates[:, ::-1], rooms, slot_s=HOUR_S, soft=np.array([np.nan, 4.0]), crowding=0.05)
    plain = losses(rates, rates[:, ::-1], rooms, slot_s=HOUR_S)
    assert plain.trips[0].tolist() == mixed.trips[0].tolist()
    assert mixed.returns[1, 8] < plain.returns[1, 8]
