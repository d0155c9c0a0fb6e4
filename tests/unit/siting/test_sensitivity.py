"""Which sites stay when assumptions change, and what two studies do otherwise."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import Mock

import numpy as np
import pytest

from optimiser.basics.limits import SolveLimits
from optimiser.basics.result import relative_gap
from optimiser.siting.comparison import compare
from optimiser.siting.plan import SitingPlan
from optimiser.siting.proven import Proven, carried_over, missed_floors, within_reach
from optimiser.siting.sensitivity import SPREAD, Varied, _changed, parts_of, sensitivity
from optimiser.siting.solve import solve
from tests.siting_studies import point, random_study, site, study, wishes

LIMITS = SolveLimits(seconds=20.0, seed=3)


def two_villages(budget=120.0, west=10.0):
    return study(
        [point("a", west, district="west"), point("b", 9, district="east")],
        [site("A"), site("B")],
        [{"A": 10}, {"B": 95}],
        districts=("west", "east"),
        wishes=wishes(budget),
    )


def test_a_close_choice_flips_with_demand_and_a_clear_one_does_not():
    # 10 against 9 within 20 % either way; 10 against 100 never.
    close = sensitivity(two_villages(), LIMITS, repeats=12, varied=[Varied.DEMAND])
    assert 0 < close.times_chosen()["A"] < 12
    assert close.times_chosen()["A"] + close.times_chosen()["B"] == 12
    clear = sensitivity(two_villages(west=100.0), LIMITS, repeats=12, varied=[Varied.DEMAND])
    assert clear.times_chosen() == {"A": 12}


def test_less_money_than_a_site_costs_builds_nothing_and_more_builds_it():
    # 110 are needed; 120 times a factor below 0.917 are less.
    told = sensitivity(two_villages(), LIMITS, repeats=12, varied=[Varied.BUDGET])
    for run in told.runs:
        factor = float(run.factors.removeprefix("budget × "))
        assert (run.sites == frozenset()) == (factor < 110 / 120), run


def test_a_shorter_reach_loses_who_is_far():
    # b goes 95 of 100 s to B: out of reach below 0.95. B is all there is to win, as a weighs nothing.
    told = sensitivity(two_villages(west=0.0), LIMITS, repeats=12, varied=[Varied.REACH])
    for run in told.runs:
        assert (run.value > 0) == (float(run.factors.removeprefix("reach × ")) >= 0.945), run


def test_a_longer_reach_wins_who_is_just_beyond_it_where_that_is_known():
    # b goes 110 s to B, of 100 that it would: within reach from 1.095 on, for which pairs beyond 100 s are needed.
    asked = two_villages(west=0.0)
    beyond = replace(asked, access=replace(asked.access, travel_s=np.array([10, 110], dtype=np.int32)))
    near = replace(asked.access, first=np.array([0, 1, 1]), site=asked.access.site[:1], travel_s=np.array([10]))
    asked = replace(asked, access=replace(near, length_m=asked.access.length_m[:1]))
    told = sensitivity(asked, LIMITS, repeats=16, varied=[Varied.REACH], wide=beyond.access)
    factors = [float(run.factors.removeprefix("reach × ")) for run in told.runs]
    assert min(factors) < 1
    assert 1.1 < max(factors) <= 1.2
    for run, factor in zip(told.runs, factors, strict=True):
        assert (run.value > 0) == (factor >= 1.095), run
    narrow = sensitivity(asked, LIMITS, repeats=16, varied=[Varied.REACH])
    assert all(run.value == 0 and float(run.factors.removeprefix("reach × ")) <= 1 for run in narrow.runs)


def test_no_run_of_looser_assumptions_ends_below_the_plan_of_the_study():
    # Without a clock and with one round a search finds less than a long one does.
    asked, short = random_study(7, points=40, sites=20, phases=2), SolveLimits(seconds=None, rounds=1, seed=3)
    base = solve(asked, SolveLimits(seconds=5.0, seed=3))
    poor = replace(base, plan=SitingPlan(), value=0.0)
    told = sensitivity(asked, short, repeats=6, base=base)
    assert [run.factors for run in told.runs] == [
        run.factors for run in sensitivity(asked, short, repeats=6, base=poor).runs
    ]
    for run in told.runs:
        is_looser = run.varied is Varied.BUDGET and float(run.factors.removeprefix("budget × ")) >= 1
        assert run.value >= base.value * (1 - 1e-6) or not is_looser, run
        assert run.upper_bound >= run.value
        assert run.gap == relative_gap(run.upper_bound, run.value)
        assert run.is_base <= (run.varied is not Varied.SEARCH)


def test_the_plan_of_the_study_stays_where_a_run_finds_nothing_better_and_is_allowed(monkeypatch):
    asked = two_villages()
    base = solve(asked, LIMITS)

    def nothing(problem, limits, *, should_stop=None):
        return replace(base, plan=SitingPlan(), value=0.0, upper_bound=100.0, wishes=problem.wishes)

    monkeypatch.setattr("optimiser.siting.sensitivity.solve", nothing)
    for varied in (Varied.DEMAND, Varied.REACH, Varied.BUDGET, Varied.SEARCH):
        for run in sensitivity(asked, LIMITS, repeats=8, varied=[varied], base=base).runs:
            # 110 of 120 are spent; another seed begins with nothing.
            is_allowed = varied is not Varied.SEARCH and not (
                varied is Varied.BUDGET and float(run.factors.removeprefix("budget × ")) < 110 / 120
            )
            assert run.is_base == is_allowed, run
            assert run.sites == (frozenset("A") if is_allowed else frozenset())
            assert run.upper_bound >= run.value
            assert (run.value > 0) == is_allowed
    # Of runs that are made elsewhere as well.
    made = sensitivity(asked, LIMITS, repeats=2, varied=[Varied.DEMAND]).runs[0]
    told = sensitivity(asked, LIMITS, repeats=2, varied=[Varied.DEMAND], base=base, elsewhere=lambda part: made)
    assert [run.is_base for run in told.runs] == [True, True]


def test_another_seed_that_comes_to_clearly_less_is_not_counted(monkeypatch):
    # B is worth 9 and A 10: a tenth less; then 9.95, which is nearly as much.
    for west, is_counted in ((10.0, False), (9.05, True)):
        asked = two_villages(west=west)
        base = solve(asked, LIMITS)
        other = solve(replace(asked, wishes=replace(asked.wishes, ban=frozenset("A"))), LIMITS)
        found = replace(other, wishes=asked.wishes)
        monkeypatch.setattr("optimiser.siting.sensitivity.solve", Mock(return_value=found))
        told = sensitivity(asked, LIMITS, repeats=3, varied=[Varied.SEARCH], base=base)
        assert {run.is_counted for run in told.runs} == {is_counted}
        assert told.times_chosen(Varied.SEARCH) == ({"B": 3} if is_counted else {})
        assert (told.times_asked(Varied.SEARCH), told.times_made(Varied.SEARCH)) == (3 * is_counted, 3)
        assert told.sites() == (frozenset("B") if is_counted else frozenset())
        monkeypatch.undo()


def test_where_the_plan_of_the_study_is_not_allowed_what_may_be_far_from_the_best_is_not_counted(monkeypatch):
    # A study that is proven best at 50, and a run of 9 whose plan may be a twentieth from the best, or half of it.
    asked = two_villages()
    base = solve(asked, LIMITS)
    sure = replace(base, upper_bound=50.0, value=50.0)
    for bound, is_counted in ((9.5, True), (20.0, False)):
        found = replace(base, plan=SitingPlan(), value=9.0, upper_bound=bound)
        monkeypatch.setattr("optimiser.siting.sensitivity.solve", Mock(return_value=found))
        monkeypatch.setattr("optimiser.siting.sensitivity._known", Mock(return_value=None))
        (run,) = sensitivity(asked, LIMITS, repeats=1, varied=[Varied.BUDGET], spread=0.0, base=sure).runs
        assert (run.is_counted, run.upper_bound) == (is_counted, bound)
        monkeypatch.undo()


def test_a_plan_that_is_hardly_better_takes_no_sites_from_the_study(monkeypatch):
    # The study builds at A; what is found builds at B, which is worth as much in the study but for a little.
    for west, is_base in ((9.05, True), (8.5, False)):
        asked = two_villages(west=west)
        base = solve(replace(asked, wishes=replace(asked.wishes, ban=frozenset("B"))), LIMITS)
        found = solve(replace(asked, wishes=replace(asked.wishes, ban=frozenset("A"))), LIMITS)
        monkeypatch.setattr("optimiser.siting.sensitivity.solve", Mock(return_value=replace(found, value=9.1)))
        (run,) = sensitivity(asked, LIMITS, repeats=1, varied=[Varied.BUDGET], spread=0.0, base=base).runs
        assert (run.is_base, run.sites) == (is_base, frozenset("A" if is_base else "B"))
        monkeypatch.undo()


def test_with_less_money_what_of_the_plan_can_be_paid_for_is_kept_where_nothing_better_is_found(monkeypatch):
    # 220 of 230 are spent at both villages; from 0.956 down there is money for one of them, and A serves more.
    asked = two_villages(budget=230.0)
    base = solve(asked, LIMITS)
    assert base.value == 19.0

    def nothing(problem, limits, *, should_stop=None):
        return replace(base, plan=SitingPlan(), value=0.0, upper_bound=100.0, wishes=problem.wishes)

    monkeypatch.setattr("optimiser.siting.sensitivity.solve", nothing)
    told = sensitivity(asked, LIMITS, repeats=8, varied=[Varied.BUDGET], base=base)
    for run in told.runs:
        is_rich = float(run.factors.removeprefix("budget × ")) >= 220 / 230
        assert (run.is_base, run.value) == (True, 19.0 if is_rich else 10.0), run
        assert run.sites == frozenset("AB" if is_rich else "A")
    assert 0 < sum("B" in run.sites for run in told.runs) < 8
    # Nobody found it anew: it was only put back in, which says nothing of its sites.
    assert (told.times_asked(), told.times_made(), told.times_chosen()) == (0, 8, {})
    assert told.sites() == frozenset()


def test_what_is_left_of_a_plan_is_no_measure_of_a_good_one_where_money_is_less(monkeypatch):
    # 220 of 230 are spent at both villages; with less than 0.956 of it A alone is left, which the search finds as well.
    asked = two_villages(budget=230.0)
    base = solve(asked, LIMITS)
    assert base.gap == 0.0
    found = solve(two_villages(), LIMITS)
    assert found.value == 10.0
    # A tenth of the bound is missing, or a little more.
    for bound, is_counted in ((11.0, True), (11.2, False)):
        known = replace(found, upper_bound=bound, wishes=asked.wishes)
        monkeypatch.setattr("optimiser.siting.sensitivity.solve", Mock(return_value=known))
        told = sensitivity(asked, LIMITS, repeats=8, varied=[Varied.BUDGET], base=base)
        poor = [run for run in told.runs if float(run.factors.removeprefix("budget × ")) < 220 / 230]
        assert {(run.is_base, run.is_counted, run.upper_bound) for run in poor} == {(True, is_counted, bound)}
        monkeypatch.undo()


@pytest.mark.parametrize(
    ("brings", "is_base", "is_counted"), [(9.0, True, False), (9.95, True, True), (10.2, False, True)]
)
def test_a_run_counts_where_its_search_came_to_as_much_by_itself(monkeypatch, brings, is_base, is_counted):
    # The study builds at A for 10; what the run finds at B brings a tenth less, about as much, or clearly more.
    asked = two_villages()
    base = solve(asked, LIMITS)
    other = solve(replace(asked, wishes=replace(asked.wishes, ban=frozenset("A"))), LIMITS)
    found = replace(other, value=brings, upper_bound=20.0, wishes=asked.wishes)
    monkeypatch.setattr("optimiser.siting.sensitivity.solve", Mock(return_value=found))
    told = sensitivity(asked, LIMITS, repeats=1, varied=[Varied.BUDGET], spread=0.0, base=base)
    assert [(run.is_base, run.is_counted) for run in told.runs] == [(is_base, is_counted)]
    assert told.times_chosen() == ({"A" if is_base else "B": 1} if is_counted else {})


def test_the_bound_of_the_study_holds_where_no_more_is_allowed(monkeypatch):
    asked = two_villages()
    base = solve(asked, LIMITS)
    assert base.upper_bound == pytest.approx(10.0)

    def short(problem, limits, *, should_stop=None):
        return replace(base, plan=SitingPlan(), value=0.0, upper_bound=100.0, wishes=problem.wishes)

    monkeypatch.setattr("optimiser.siting.sensitivity.solve", short)
    for run in sensitivity(asked, LIMITS, repeats=8, base=base).runs:
        match run.varied:
            case Varied.DEMAND:
                most = max(1.0, float(run.factors.rpartition(" to ")[2]))
                assert run.upper_bound == pytest.approx(10 * most, abs=0.06)
            case Varied.BUDGET:
                factor = float(run.factors.removeprefix("budget × "))
                assert run.upper_bound == pytest.approx(10.0 if factor <= 1 else 100.0)
            case _:
                # Reach gets shorter only.
                assert run.upper_bound == pytest.approx(10.0)
    # Where people are more, half of the west is not half of them any more: a bound that asks for it does not hold.
    floored = replace(asked, wishes=replace(asked.wishes, floors={"west": 0.5}))
    its = replace(base, wishes=floored.wishes)
    runs = sensitivity(floored, LIMITS, repeats=4, varied=[Varied.DEMAND], base=its).runs
    assert all(run.upper_bound >= 100.0 for run in runs)


def test_a_bound_holds_for_plans_that_give_up_no_more_than_it_allows():
    proven = Proven(bound=10.0, missed={"west": 0.2}, left_out=frozenset("A"))
    assert proven.holds_for({}, frozenset())
    assert proven.holds_for({"west": 0.2}, frozenset("A"))
    assert not proven.holds_for({"west": 0.21}, frozenset())
    # Less is lacking in all, and more in one district.
    assert not proven.holds_for({"east": 0.1}, frozenset())
    assert not proven.holds_for({}, frozenset("AB"))


def test_what_a_bound_of_the_study_says_of_other_demand_reach_and_money():
    asked = replace(two_villages(), wishes=wishes(120.0, floors={"west": 0.5}))
    kept, free = Proven(bound=10.0), Proven(bound=19.0, missed={"west": 0.5})

    def other(demand=1.0, reach=1.0, money=1.0):
        points = tuple(replace(item, weight=item.weight * demand) for item in asked.demand)
        segments = tuple(replace(item, reach_s=round(item.reach_s * reach)) for item in asked.segments)
        changed = replace(asked, demand=points, segments=segments)
        return replace(changed, wishes=replace(asked.wishes, phases=wishes(120.0 * money).phases))

    assert carried_over(kept, asked, other(reach=0.9, money=0.9)) == kept
    assert carried_over(kept, asked, other(money=1.1)) is carried_over(free, asked, other(reach=1.1)) is None
    # Floors are shares of those who are there then, so only what asks for none is carried over.
    assert carried_over(kept, asked, other(demand=1.1)) is None
    assert carried_over(free, asked, other(demand=1.1)).bound == pytest.approx(1.1 * 19.0)
    assert carried_over(free, asked, other(demand=0.9)).bound == 19.0
    assert within_reach(other(demand=2.0)) == Proven(bound=38.0, missed={"west": 0.5})


def test_where_a_floor_gave_way_runs_have_the_bound_of_the_study_or_one_without_floors(monkeypatch):
    # 120 pay for one village: A serves 10 and nobody of the east, of which 0.5 are asked for; without floors it is 10.
    asked = replace(two_villages(), wishes=wishes(120.0, floors={"west": 0.5, "east": 0.5}))
    base = solve(asked, LIMITS)
    assert base.conflicts
    lacking = missed_floors(asked, base.wishes)
    free_bound = 12.0

    def short(more):
        def solved(problem, limits, *, should_stop=None):
            if not problem.wishes.floors:
                return replace(base, upper_bound=free_bound, wishes=problem.wishes)
            floors = {
                id_: problem.floor_of(id_) - lacking.get(id_, 0.0) - more.get(id_, 0.0) for id_ in ("west", "east")
            }
            kept = replace(problem.wishes, floors=floors)
            return replace(base, plan=SitingPlan(), value=0.0, upper_bound=100.0, wishes=kept)

        return solved

    for more, bound in (({}, base.upper_bound), ({"west": 0.1}, free_bound)):
        monkeypatch.setattr("optimiser.siting.sensitivity.solve", short(more))
        (run,) = sensitivity(asked, LIMITS, repeats=1, varied=[Varied.SEARCH], base=base).runs
        assert run.given_up > 0
        assert run.upper_bound == pytest.approx(bound)
    # With more money there is only the bound without floors of the loosest run, with a fifth more of it.
    free_bound = 15.0
    runs = sensitivity(asked, LIMITS, repeats=6, varied=[Varied.BUDGET], base=base).runs
    rich = [run for run in runs if float(run.factors.removeprefix("budget × ")) > 1.0]
    assert rich
    assert {run.upper_bound for run in rich} == {15.0}


@pytest.mark.parametrize("seed", range(3))
def test_no_plan_that_keeps_what_a_run_keeps_is_above_its_bound(seed):
    # Small enough for the integer programme; the study and its runs are stopped early, and floors of 90 % give way.
    asked = random_study(seed, phases=1, floor=0.9)
    short = SolveLimits(seconds=None, rounds=1, seed=seed)
    told = sensitivity(asked, short, repeats=2, base=solve(asked, short))
    for part, run in zip(parts_of(2), told.runs, strict=True):
        changed, _ = _changed(asked, part, seed, SPREAD, None)
        floors = {item.id: max(0.0, asked.floor_of(item.id) - run.missed.get(item.id, 0.0)) for item in asked.districts}
        kept = replace(changed.wishes, floors=floors, force=changed.wishes.force - run.left_out)
        best = solve(replace(changed, wishes=kept), short)
        if not best.conflicts:
            assert best.value <= run.upper_bound * (1 + 1e-6), run


@pytest.mark.parametrize("seed", range(6))
def test_no_plan_is_above_the_bound_of_the_study_where_that_is_said_to_hold(seed):
    asked = random_study(seed, phases=2)
    base = solve(asked, LIMITS)
    short = SolveLimits(seconds=None, rounds=1, seed=seed)
    alone = sensitivity(asked, LIMITS, repeats=3)
    told = sensitivity(asked, replace(short, seed=LIMITS.seed), repeats=3, base=base)
    for best, run in zip(alone.runs, told.runs, strict=True):
        assert best.factors == run.factors
        assert best.value <= run.upper_bound * (1 + 1e-6), run


def test_a_run_that_keeps_more_wishes_than_the_plan_of_the_study_goes_before_it():
    # 220 serve both villages: with 200 the east is given up, with a tenth more it need not be.
    asked = two_villages(budget=200.0)
    asked = replace(asked, wishes=replace(asked.wishes, floor=0.5))
    base = solve(asked, LIMITS)
    assert base.conflicts
    told = sensitivity(asked, LIMITS, repeats=12, varied=[Varied.BUDGET], base=base)
    for run in told.runs:
        is_rich = float(run.factors.removeprefix("budget × ")) >= 1.1
        assert len(run.sites) == (2 if is_rich else 1), run
        assert run.given_up == pytest.approx(0.0 if is_rich else 0.5, abs=1e-5)
        assert run.missed == ({} if is_rich else {"east": pytest.approx(0.5, abs=1e-5)})
    assert 0 < told.times_kept() == sum(len(run.sites) == 2 for run in told.runs) < 12


def test_a_forced_site_that_a_run_cannot_pay_for_is_told_and_a_floor_that_is_just_kept_is_not():
    # 110 of 120: with less than 0.917 of it nothing is built at A. Of the west A serves all, so what was asked.
    asked = two_villages()
    asked = replace(asked, wishes=replace(asked.wishes, force=frozenset("A"), floors={"west": 1.0}))
    told = sensitivity(asked, LIMITS, repeats=12, varied=[Varied.BUDGET], base=solve(asked, LIMITS))
    for run in told.runs:
        is_poor = float(run.factors.removeprefix("budget × ")) < 110 / 120
        assert run.left_out == (frozenset("A") if is_poor else frozenset()), run
        assert run.missed == ({"west": pytest.approx(1.0, abs=1e-5)} if is_poor else {})
        assert run.given_up == pytest.approx(2.0 if is_poor else 0.0, abs=1e-5)
    assert 0 < told.times_kept() < 12


def test_floors_set_just_below_what_was_reached_are_kept():
    asked = replace(two_villages(), wishes=wishes(120.0, floors={"west": 0.5}))
    assert missed_floors(asked, replace(asked.wishes, floors={"west": 0.5 - 2e-6})) == {}
    assert missed_floors(asked, replace(asked.wishes, floors={"west": 0.5 - 1e-5})) == {"west": pytest.approx(1e-5)}


def test_counts_are_by_what_was_varied_and_the_same_seed_gives_the_same_runs():
    asked = random_study(2)
    told = sensitivity(asked, LIMITS, repeats=2)
    assert {varied: told.times_asked(varied) for varied in Varied} == dict.fromkeys(Varied, 2)
    # Another seed is no other assumption, and told apart.
    assert told.times_asked() == 6
    assumed = (Varied.DEMAND, Varied.REACH, Varied.BUDGET)
    assert told.times_chosen() == sum(
        (told.times_chosen(varied) for varied in assumed), start=type(told.times_chosen())()
    )
    assert [(run.factors, run.sites) for run in told.runs] == [
        (run.factors, run.sites) for run in sensitivity(asked, LIMITS, repeats=2).runs
    ]


def test_two_studies_are_compared_by_sites_plugs_value_cost_and_district():
    poor, rich = two_villages(), two_villages(budget=240.0)
    told = compare((poor, solve(poor, LIMITS).plan), (rich, solve(rich, LIMITS).plan))
    assert (told.gained, told.lost, told.kept) == (("B",), (), ("A",))
    assert told.plugs == {("B", "slow"): (0, 1)}
    assert (told.value, told.cost) == ((10.0, 19.0), (110.0, 220.0))
    assert told.people == (10.0, 19.0)
    assert told.districts == {"west": (1.0, 1.0), "east": (0.0, 1.0)}


def test_a_study_compared_with_itself_changes_nothing_and_an_unknown_district_is_none():
    asked = two_villages()
    plan = solve(asked, LIMITS).plan
    told = compare((asked, plan), (asked, plan))
    assert (told.gained, told.lost, told.plugs) == ((), (), {})
    bare = replace(asked, districts=(), demand=tuple(replace(item, district=None) for item in asked.demand))
    assert compare((asked, plan), (bare, plan)).districts["west"] == (1.0, None)
