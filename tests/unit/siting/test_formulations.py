"""Models as they are written, against the solvers for what is large, and told honestly when time is up."""

from dataclasses import replace

import pulp
import pytest
from hypothesis import given, settings

from optimiser.siting.capacitated_coverage import solve as capacitated_coverage
from optimiser.siting.center import cost as center_cost
from optimiser.siting.center import solve as center
from optimiser.siting.coverage import cost as coverage_cost
from optimiser.siting.coverage import solve as coverage
from optimiser.siting.flow import cost as flow_cost
from optimiser.siting.flow import solve as flow
from optimiser.siting.formulations import (
    answer_of,
    backup_covering,
    capacitated_maximal_covering,
    flow_refuelling,
    maximal_covering,
    p_center,
    p_median,
    partial_set_covering,
    set_covering,
    solve_formulation,
)
from optimiser.siting.median import cost as median_cost
from optimiser.siting.median import solve as median
from optimiser.siting.set_covering import cost as covering_cost
from optimiser.siting.set_covering import solve as covering
from optimiser.siting.status import Status
from tests.unit.siting import (
    test_capacitated_coverage,
    test_center,
    test_coverage,
    test_flow,
    test_median,
    test_set_covering,
)


def proven(formulation):
    """Its sites, once by HiGHS, and the same value by CBC."""
    answer = solve_formulation(formulation, seconds=60)
    assert answer.status is Status.PROVEN
    value = pulp.value(formulation.model.objective) or 0.0
    formulation.model.solve(pulp.PULP_CBC_CMD(msg=False, gapRel=0.0))
    assert formulation.model.sol_status == pulp.LpSolutionOptimal
    assert (pulp.value(formulation.model.objective) or 0.0) == pytest.approx(value, abs=1e-5)
    return answer.sites


@settings(max_examples=25, deadline=None)
@given(problem=test_median.problems())
def test_p_median(problem):
    sites = proven(p_median(problem))
    assert len(sites) == problem.p
    assert median_cost.cost(problem, sites) == pytest.approx(median.solve(problem, seconds=60).cost)


@settings(max_examples=25, deadline=None)
@given(problem=test_center.problems())
def test_p_center(problem):
    sites = proven(p_center(problem))
    assert len(sites) == problem.p
    assert center_cost.cost(problem, sites) == pytest.approx(center.solve(problem, seconds=60).cost)


@settings(max_examples=25, deadline=None)
@given(problem=test_coverage.problems())
def test_maximal_covering(problem):
    sites = proven(maximal_covering(problem))
    assert len(sites) == problem.p
    assert coverage_cost.covered(problem, sites) == pytest.approx(coverage.solve(problem, seconds=60).covered)


@settings(max_examples=40, deadline=None)
@given(problem=test_capacitated_coverage.problems())
def test_capacitated_maximal_covering(problem):
    formulation = capacitated_maximal_covering(problem)
    assert len(proven(formulation)) == problem.covering.p
    value = pulp.value(formulation.model.objective) or 0.0
    assert value == pytest.approx(capacitated_coverage.solve(problem, seconds=60).served, abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(problem=test_set_covering.problems())
def test_set_covering_backup_and_a_part(problem):
    if problem.wanted is not None:
        # Whole, so that no choice misses it by less than a solver tolerates.
        problem = replace(problem, wanted=float(round(problem.wanted)))
        formulation = partial_set_covering(problem)
    elif problem.times > 1:
        formulation = backup_covering(problem)
    else:
        formulation = set_covering(problem)
    sites = proven(formulation)
    assert covering_cost.is_enough(problem, sites)
    assert covering_cost.cost(problem, sites) == pytest.approx(covering.solve(problem, seconds=60).cost, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(problem=test_flow.problems())
def test_flow_refuelling(problem):
    sites = proven(flow_refuelling(problem))
    assert len(sites) == problem.p
    assert flow_cost.covered(problem, sites) == pytest.approx(flow.solve(problem, seconds=60).covered)


def test_out_of_time_it_does_not_say_proven_as_pulp_would():
    problem = test_center.plane(1, points=120, p=8)
    formulation = p_center(problem)
    answer = solve_formulation(formulation, seconds=0.5)
    assert formulation.model.sol_status != pulp.LpSolutionOptimal
    assert answer.status is Status.HEURISTIC
    assert answer.sites is None or len(answer.sites) == 8


def test_time_that_is_up_is_what_pulp_calls_optimal():
    formulation = p_center(test_center.plane(1, points=8, p=2))
    answer = solve_formulation(formulation, seconds=60)
    model = formulation.model
    assert (model.status, answer.status) == (pulp.LpStatusOptimal, Status.PROVEN)
    for told, status in ((pulp.LpSolutionIntegerFeasible, Status.HEURISTIC), (pulp.LpSolutionOptimal, Status.PROVEN)):
        assert answer_of(formulation, told).status is status
    formulation.y[0].varValue = 0.5
    assert answer_of(formulation, pulp.LpSolutionIntegerFeasible).sites is None


def test_a_site_that_is_nowhere_in_the_model_stays_closed():
    problem = test_set_covering.problem_of([[0, 1]], cost=[0, 1])
    assert solve_formulation(set_covering(problem), seconds=60).sites == (1,)


def test_models_read_as_they_are_written():
    problem = test_set_covering.problem_of(test_set_covering.ROW[:3, :3], cost=[1, 9, 2])
    assert "covered_1: y_0 + y_1 + y_2 >= 1" in str(set_covering(problem).model)
