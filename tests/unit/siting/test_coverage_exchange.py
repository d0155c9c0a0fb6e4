"""Exchanges of maximal covering: what sites win, and where moves may go."""

import numpy as np
import pytest

from optimiser.basics.chance import chance_of
from optimiser.siting.coverage.alike import alike_of
from optimiser.siting.coverage.choice import (
    MISSED,
    NOBODY,
    choice_of,
    close_site,
    fill,
    lone_of,
    open_site,
    take_place,
    won_of,
)
from optimiser.siting.coverage.cost import covered
from optimiser.siting.coverage.exchange import anneal
from optimiser.siting.coverage.reach import reach_of
from tests.unit.siting.coverings import most, plane, problem_of


def follows(problem, reach, choice):
    """Hold all that is kept of a choice against what its sites cover."""
    opened = np.flatnonzero(choice.is_open).tolist()
    now = covered(problem, opened)
    missed = choice.missed[: choice.tally[MISSED]]
    assert reach.weight[choice.times > 0].sum() == pytest.approx(now)
    assert sorted(missed.tolist()) == np.flatnonzero(choice.times == 0).tolist()
    assert choice.place[missed].tolist() == list(range(len(missed)))
    assert len({int(choice.number[site]) for site in opened}) == len(opened)
    for site in opened:
        rest = [kept for kept in opened if kept != site]
        assert choice.site[choice.number[site]] == site
        assert choice.loss[choice.number[site]] == pytest.approx(now - covered(problem, rest))


@pytest.mark.parametrize("seed", range(6))
def test_what_sites_win_and_leave_behind(seed):
    problem = plane(seed, points=25)
    reach, random = reach_of(problem), np.random.default_rng(seed)
    choice = choice_of(reach)
    for _ in range(40):
        site = int(random.integers(problem.sites))
        (close_site if choice.is_open[site] else open_site)(reach, choice, site)
        follows(problem, reach, choice)
        opened = np.flatnonzero(choice.is_open).tolist()
        now = covered(problem, opened)
        for other in np.flatnonzero(~choice.is_open).tolist():
            its = reach.point, reach.first_point[other], reach.first_point[other + 1]
            won = won_of(reach.weight, choice.alone, *its, NOBODY)
            assert won == pytest.approx(covered(problem, [*opened, other]) - now)
            for gone in opened:
                rest, number = [kept for kept in opened if kept != gone], choice.number[gone]
                change = won_of(reach.weight, choice.alone, *its, number) - choice.loss[number]
                assert change == pytest.approx(covered(problem, [*rest, other]) - now)


@pytest.mark.parametrize("seed", range(6))
def test_of_sites_that_change_places_only_what_differs_has_to_be_looked_at(seed):
    problem = plane(seed, points=25)
    reach, random = reach_of(problem), np.random.default_rng(seed)
    alike = alike_of(reach, 6)
    choice = choice_of(reach, random.random(problem.sites) < 0.3)
    for _ in range(60):
        opened = np.flatnonzero(choice.is_open).tolist()
        leaving, rank = int(random.choice(opened)), int(random.integers(6))
        entering, pair = int(alike.site[leaving, rank]), leaving * 6 + rank
        if choice.is_open[entering]:
            continue
        gone, come = stretch(alike.first_gone, pair), stretch(alike.first_come, pair)
        change = won_of(reach.weight, choice.alone, alike.come, come.start, come.stop, NOBODY)
        change -= lone_of(reach.weight, choice.alone, alike.gone, gone.start, gone.stop, choice.number[leaving])
        rest = [kept for kept in opened if kept != leaving]
        assert change == pytest.approx(covered(problem, [*rest, entering]) - covered(problem, opened))
        if random.random() < 0.5:
            take_place(reach, choice, leaving, entering, alike.gone[gone], alike.come[come])
        else:
            its, others = (reach.point[stretch(reach.first_point, site)] for site in (leaving, entering))
            take_place(reach, choice, leaving, entering, its, others)
        assert np.flatnonzero(choice.is_open).tolist() == sorted([*rest, entering])
        follows(problem, reach, choice)


def stretch(first, number):
    """Where what belongs to one is."""
    return slice(first[number], first[number + 1])


def test_a_greedy_start_opens_what_wins_most():
    # The first wins 5 and 4, the second 4 and 3, the third 2: after the first, 3 are left for the second.
    reach = reach_of(problem_of([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1]], [5, 4, 3, 2], 2))
    for blur, opened in ((np.ones(3), [0, 1]), (np.array([1.0, 0.6, 1.0]), [0, 2])):
        choice = choice_of(reach)
        fill(reach, choice, np.ones(3, dtype=bool), 2, blur, np.zeros(3))
        assert np.flatnonzero(choice.is_open).tolist() == opened
    choice = choice_of(reach)
    fill(reach, choice, np.array([False, True, True]), 3, np.ones(3), np.zeros(3))
    assert np.flatnonzero(choice.is_open).tolist() == [1, 2]


def test_sites_that_reach_much_the_same_come_first_with_what_only_one_of_both_reaches():
    # The first reaches a, b and c; the second b and c, the third c and d, the last e alone: 2 of 3, 1 of 4, nothing.
    within = [[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    alike = alike_of(reach_of(problem_of(within, [1, 1, 1, 1, 1], 1)), 3)
    assert alike.site.tolist() == [[1, 2, 0], [0, 2, 1], [1, 0, 2], [3, 3, 3]]
    gone, come = (
        [points[stretch(first, pair)].tolist() for pair in range(12)]
        for first, points in ((alike.first_gone, alike.gone), (alike.first_come, alike.come))
    )
    assert gone == [[0], [0, 1], [], [], [1], [], [3], [3], [], [], [], []]
    assert come == [[], [3], [], [0], [3], [], [1], [0, 1], [], [], [], []]


@pytest.mark.parametrize("temperature", [1e-9, 5.0, 200.0])
@pytest.mark.parametrize("seed", range(3))
def test_the_best_on_the_way_has_as_many_sites_as_asked_for(seed, temperature):
    problem = plane(seed, points=40, p=4)
    reach, free = reach_of(problem), np.ones(problem.sites, dtype=bool)
    choice = choice_of(reach)
    fill(reach, choice, free, 4, np.random.default_rng(seed).random(problem.sites), np.zeros(problem.sites))
    before = covered(problem, np.flatnonzero(choice.is_open).tolist())
    best, state = choice.is_open.copy(), np.array([before, before, 0.0])
    anneal(reach, alike_of(reach, 5), choice, free, best, state, 4, chance_of(seed), temperature, 5000)
    assert best.sum() == 4
    assert choice.is_open.sum() in (3, 4, 5)
    assert state[0] == pytest.approx(covered(problem, np.flatnonzero(choice.is_open).tolist()))
    assert state[1] == pytest.approx(covered(problem, np.flatnonzero(best).tolist()))


@pytest.mark.parametrize("seed", range(3))
def test_ever_colder_it_finds_the_best(seed):
    problem = plane(seed, points=24, p=4)
    reach, free = reach_of(problem), np.ones(problem.sites, dtype=bool)
    choice, chance = choice_of(reach), chance_of(seed)
    fill(reach, choice, free, 4, np.random.default_rng(seed).random(problem.sites), np.zeros(problem.sites))
    start = covered(problem, np.flatnonzero(choice.is_open).tolist())
    best, state = choice.is_open.copy(), np.array([start, start, 0.0])
    for temperature in (40.0, 20.0, 10.0, 5.0, 2.0):
        anneal(reach, alike_of(reach, 5), choice, free, best, state, 4, chance, temperature, 20_000)
    assert state[1] == covered(problem, np.flatnonzero(best).tolist()) == most(problem)


def test_sites_that_may_not_change_do_not():
    problem = plane(5, points=40, p=4)
    reach, free = reach_of(problem), np.ones(problem.sites, dtype=bool)
    choice = choice_of(reach)
    for site in range(4):
        open_site(reach, choice, site)
    free[[0, 30, 31]] = False
    best, start = choice.is_open.copy(), covered(problem, range(4))
    state = np.array([start, start, 0.0])
    anneal(reach, alike_of(reach, 5), choice, free, best, state, 3, chance_of(1), 50.0, 5000)
    assert best[0]
    assert not best[[30, 31]].any()
    assert best.sum() == 4
