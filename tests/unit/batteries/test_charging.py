"""Packs charged by hand: cheapest hours, a site's cap, changes, and what is left with its reason."""

import pytest

from optimiser.basics.errors import InvalidProblem
from optimiser.batteries.check import check
from optimiser.batteries.cost import Amounts, amounts, slot_kw
from optimiser.batteries.left import Left, Reason, packs_left
from optimiser.batteries.plain import plug_and_charge
from optimiser.batteries.plan import Plan
from optimiser.batteries.problem import Problem
from optimiser.batteries.smart import charge_smartly
from tests.unit.batteries.depots import HOUR, depot


def planned(problem: Problem) -> tuple[Plan, Amounts]:
    found = charge_smartly(problem)
    assert found is not None
    plan, is_best = found
    assert is_best
    assert check(problem, plan) == ()
    return plan, amounts(problem, plan)


def at_once(problem: Problem) -> Amounts:
    plan = plug_and_charge(problem)
    assert check(problem, plan) == ()
    return amounts(problem, plan)


def test_packs_charge_in_the_cheapest_hours_after_they_came():
    # One pack of 2 kWh at 1 kW from 1:30 on: half of hour 1 is gone and hour 0 too; hours 3 and 4 are the cheapest.
    problem = depot((0.1, 0.1, 0.5, 0.2, 0.3), arrivals=((HOUR * 3 // 2, 1),))
    plan, found = planned(problem)
    # Half an hour at 0.1, the hour at 0.2, half a kWh at 0.3.
    assert found.tariff == pytest.approx(0.05 + 0.2 + 0.15)
    assert slot_kw(problem, plan) == pytest.approx([0, 0.5, 0, 1, 0.5])
    # At once: 0.5 kWh at 0.1, 1 at 0.5, 0.5 at 0.2.
    assert at_once(problem).tariff == pytest.approx(0.05 + 0.5 + 0.1)
    assert (found.packs, found.full, found.kwh) == (1, 1, pytest.approx(2))


def test_a_price_of_co2_moves_the_charge_to_cleaner_hours():
    grams = (0.1, 0.9, 0.9, 0.1)
    dear = depot((0.4, 0.3, 0.3, 0.4), arrivals=((0, 1),), co2_kg=grams, co2_price=1.0)
    cheap = depot((0.4, 0.3, 0.3, 0.4), arrivals=((0, 1),), co2_kg=grams)
    assert planned(dear)[1].co2_kg == pytest.approx(0.2)
    assert planned(dear)[1].cost == pytest.approx(0.8 + 0.2)
    assert planned(cheap)[1].co2_kg == pytest.approx(1.8)


def test_a_cap_shares_the_cheap_hours_and_all_are_full_all_the_same():
    # Two packs, 4 kWh, 1.5 kW in all: 1.5 kWh in each of the two cheap hours, the last kWh in the next.
    problem = depot((0.3, 0.1, 0.1, 0.2), arrivals=((0, 2),), site_kw=1.5)
    plan, found = planned(problem)
    assert found.full == 2
    assert found.tariff == pytest.approx(0.15 + 0.15 + 0.2)
    assert found.peak_kw == pytest.approx(1.5)
    assert slot_kw(problem, plan) == pytest.approx([0, 1.5, 1.5, 1])


def test_holding_early_packs_back_fills_a_late_one_that_first_come_first_served_does_not():
    # Two packs of 4 kWh at 0, one at 2 h, 2 kW in all, 6 h: 12 kWh just fit, if the late one has 1 kW throughout.
    problem = depot((0.1,) * 6, arrivals=((0, 2), (2 * HOUR, 1)), slots=3, need_kwh=4.0, site_kw=2.0)
    assert planned(problem)[1].full == 3
    # At once the first two have all the power until 4 h: the third gets 2 of its 4 kWh.
    plain = plug_and_charge(problem)
    assert at_once(problem).full == 2
    assert packs_left(problem, plain) == (Left(reason=Reason.SITE_POWER, packs=1, missing_kwh=pytest.approx(2)),)


def test_more_packs_than_slots_wait_for_somebody_who_changes_them():
    # Three packs, two slots: nobody there, one stays empty; somebody at 3 h takes two full ones out.
    arrivals, tariff = ((0, 3),), (0.4, 0.3, 0.2, 0.1, 0.1, 0.5)
    alone, _ = planned(depot(tariff, arrivals=arrivals))
    problem = depot(tariff, arrivals=arrivals, changes=(3 * HOUR,))
    assert packs_left(depot(tariff, arrivals=arrivals), alone) == (
        Left(reason=Reason.NO_SLOT, packs=1, missing_kwh=2.0),
    )
    plan, found = planned(problem)
    assert found.full == 3
    assert packs_left(problem, plan) == ()
    # One is changed: 0.3 + 0.2 before 3 h; another, and the one that takes its place, 0.1 + 0.1 each after it.
    assert found.tariff == pytest.approx(0.5 + 0.2 + 0.2)
    assert [(group.packs, group.from_s, group.until_s) for group in plan.groups] == [
        (1, 0, 3 * HOUR),
        (1, 0, 6 * HOUR),
        (1, 3 * HOUR, 6 * HOUR),
    ]


def test_a_pack_that_comes_too_late_is_charged_as_far_as_may_be_and_told():
    problem = depot((0.1, 0.2, 0.3), arrivals=((0, 1), (2 * HOUR, 1), (3 * HOUR, 4)))
    plan, found = planned(problem)
    assert (found.packs, found.full, found.kwh) == (6, 1, pytest.approx(3))
    # One is 1 kWh short, four come when all should be full.
    assert packs_left(problem, plan) == (Left(reason=Reason.LATE, packs=5, missing_kwh=pytest.approx(1 + 4 * 2)),)


def test_full_packs_come_before_kwh_and_these_before_money():
    # 1 kW in all for 3 h, two packs of 2 kWh: one full and one half, never both three quarters.
    problem = depot((0.5, 0.1, 0.1), arrivals=((0, 2),), site_kw=1.0)
    plan, found = planned(problem)
    assert (found.full, found.kwh) == (1, pytest.approx(3))
    assert packs_left(problem, plan) == (Left(reason=Reason.SITE_POWER, packs=1, missing_kwh=pytest.approx(1)),)


def test_a_depot_without_a_cabinet_keeps_every_pack_with_its_reason():
    problem = depot((0.1, 0.1), arrivals=((0, 2), (HOUR, 1)), slots=0, slot_kw=0.0)
    plan, found = planned(problem)
    assert (found.full, found.kwh) == (0, 0)
    assert packs_left(problem, plan) == (Left(reason=Reason.NO_CABINET, packs=3, missing_kwh=6.0),)
    assert at_once(problem) == found


def test_packs_go_into_free_slots_as_soon_as_they_come_even_if_they_draw_later():
    problem = depot((0.5, 0.5, 0.1, 0.1), arrivals=((0, 1), (HOUR // 2, 1)), changes=(2 * HOUR,))
    plan, _ = planned(problem)
    assert [group.from_s for group in plan.groups] == [0, HOUR // 2]


def test_the_last_slot_counts_in_part():
    # Ready by 1:30: 0.5 kWh in the second hour at most.
    problem = depot((0.3, 0.1), arrivals=((0, 1),), need_kwh=1.0, end_s=HOUR * 3 // 2)
    plan, found = planned(problem)
    assert found.tariff == pytest.approx(0.15 + 0.05)
    # A mean over the half hour that there is.
    assert slot_kw(problem, plan) == pytest.approx([0.5, 1.0])


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"slot_kw": -1.0}, "slot kw is -1.0"),
        ({"site_kw": float("nan")}, "site kw is nan"),
        ({"end_s": 9 * HOUR}, "the grid covers 2 slots"),
        ({"arrivals": ((0, 0),)}, "0 packs arrive at 0 s"),
        ({"arrivals": ((5, 1), (0, 1))}, "must be in time order"),
        ({"changes": (0,)}, "must lie between"),
    ],
)
def test_what_cannot_be_is_refused(changed: dict, told: str):
    with pytest.raises(InvalidProblem, match=told):
        depot((0.1, 0.1), **{"arrivals": ((0, 1),), **changed})
