"""A plan for packs in which each rule just holds, and with one number changed it alone is broken."""

from dataclasses import replace

import pytest

from optimiser.batteries.check import check
from optimiser.batteries.plan import Group, Plan
from tests.unit.batteries.depots import HOUR, depot

PROBLEM = depot((0.1,) * 4, arrivals=((0, 2), (2 * HOUR, 1)), slots=2, site_kw=2.0, changes=(2 * HOUR,))
FIRST = Group(packs=1, from_s=0, until_s=2 * HOUR, first_step=0, kw=(1.0, 1.0))
SECOND = Group(packs=1, from_s=0, until_s=4 * HOUR, first_step=0, kw=(1.0, 0.0, 0.0, 1.0))
THIRD = Group(packs=1, from_s=2 * HOUR, until_s=4 * HOUR, first_step=2, kw=(1.0, 1.0))


def test_the_tight_plan_holds():
    assert check(PROBLEM, Plan(groups=(FIRST, SECOND, THIRD))) == ()
    assert check(PROBLEM, Plan()) == ()


@pytest.mark.parametrize(
    ("rule", "groups"),
    [
        ("pack_moments", (replace(FIRST, from_s=HOUR, first_step=1, kw=(1.0,)), SECOND, THIRD)),
        ("pack_moments", (FIRST, replace(SECOND, until_s=3 * HOUR, kw=(1.0, 0.0, 0.0)), THIRD)),
        ("pack_moments", (FIRST, replace(SECOND, kw=(1.0, 0.0, 1.0)), THIRD)),
        ("pack_moments", (FIRST, replace(SECOND, packs=0), THIRD)),
        ("pack_energy", (replace(FIRST, kw=(1.0, 0.9)), SECOND, THIRD)),
        ("pack_energy", (FIRST, replace(SECOND, kw=(1.0, 0.5, 0.0, 1.0)), THIRD)),
        ("slot_power", (FIRST, replace(SECOND, kw=(0.5, 0.5, 0.0, 1.0)), replace(THIRD, kw=(1.2, 0.8)))),
        ("slot_power", (FIRST, replace(SECOND, kw=(1.0, 0.1, -0.1, 1.0)), THIRD)),
    ],
)
def test_one_number_changed_breaks_one_rule(rule: str, groups: tuple[Group, ...]):
    assert [found.rule for found in check(PROBLEM, Plan(groups=groups))] == [rule]


def test_slots_packs_and_the_site_are_counted_together():
    plan = Plan(groups=(FIRST, SECOND, THIRD))
    # The third has come only once the second van is there.
    one_less = replace(PROBLEM, arrivals=PROBLEM.arrivals[:1])
    assert [found.rule for found in check(one_less, plan)] == ["packs_arrived"]
    assert {found.rule for found in check(replace(PROBLEM, slots=1), plan)} == {"slots_held"}
    (broken,) = check(replace(PROBLEM, site_kw=1.9), Plan(groups=(FIRST, SECOND)))
    assert (broken.rule, broken.amount) == ("site_power", pytest.approx(0.1))
