"""Flow refuelling held against trying every choice, and what trips need against driving them."""

from itertools import accumulate, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.basics.errors import InvalidInput
from optimiser.siting.flow.cost import covered
from optimiser.siting.flow.interchange import close_node, fill, interchange, open_node, stations_of, weigh
from optimiser.siting.flow.needs import needs_of
from optimiser.siting.flow.problem import FlowProblem
from optimiser.siting.flow.programme import close
from optimiser.siting.flow.solve import solve
from optimiser.siting.status import Status


def problem_of(paths, *, reach, p, nodes=None, flow=None):
    """From paths as pairs of nodes and the lengths of their arcs."""
    nodes = nodes or 1 + max(node for path, _ in paths for node in path)
    return FlowProblem(
        flow=np.asarray(flow if flow is not None else np.ones(len(paths)), dtype=float),
        first=np.cumsum([0, *(len(path) for path, _ in paths)]),
        node=np.array([node for path, _ in paths for node in path], dtype=np.int32),
        at=np.array([way for _, ways in paths for way in accumulate(ways, initial=0.0)], dtype=float),
        nodes=nodes,
        reach=float(reach),
        p=p,
    )


def most(problem):
    """Over all choices."""
    return max(covered(problem, sites) for sites in combinations(range(problem.nodes), problem.p))


@st.composite
def problems(draw):
    nodes = draw(st.integers(2, 8))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    paths = []
    for _ in range(draw(st.integers(1, 9))):
        path = random.permutation(nodes)[: random.integers(2, nodes + 1)].tolist()
        paths.append((path, random.integers(0, 6, len(path) - 1).tolist()))
    flow = random.integers(0, 20, len(paths)).astype(float)
    if draw(st.booleans()):
        flow = flow * random.uniform(0.1, 3.0, len(paths))
    return problem_of(paths, reach=draw(st.integers(1, 20)), p=draw(st.integers(1, nodes)), nodes=nodes, flow=flow)


def web(seed, *, nodes=25, trips=120, reach=9.0, p=4):
    random = np.random.default_rng(seed)
    paths = []
    for _ in range(trips):
        path = random.permutation(nodes)[: random.integers(2, 7)].tolist()
        paths.append((path, random.integers(1, 6, len(path) - 1).tolist()))
    return problem_of(paths, reach=reach, p=p, nodes=nodes, flow=random.integers(1, 50, trips))


@pytest.mark.parametrize(
    ("reach", "sites", "can"),
    [
        # 0 -4- 1 -4- 2: from the middle it is 8 to either end and back.
        (8, [1], True),
        (7.9, [1], False),
        # From one end it is 16 there and back.
        (16, [0], True),
        (15.9, [0], False),
        (8, [0, 2], True),
        (7.9, [0, 2], False),
        # With stations everywhere the longest arc alone counts.
        (4, [0, 1, 2], True),
        (3.9, [0, 1, 2], False),
        (100, [], False),
    ],
)
def test_a_line_by_hand(reach, sites, can):
    problem = problem_of([([0, 1, 2], [4, 4])], reach=reach, p=1, flow=[5])
    assert covered(problem, sites) == (5.0 if can else 0.0)


def test_two_stations_by_hand():
    # Two trips of 10 and one of 12 each way, range 10: one station in the middle of the first two.
    paths = [([0, 1, 2], [5, 5]), ([3, 1, 4], [5, 5]), ([5, 6, 7], [6, 6])]
    answer = solve(problem_of(paths, reach=10, p=1, flow=[3, 4, 100]), seconds=60)
    assert (answer.sites, answer.covered, answer.upper_bound, answer.status) == ((1,), 7.0, 7.0, Status.PROVEN)
    # From the middle of the last trip it is 12 to either end and back; without it, 12 from end to end.
    answer = solve(problem_of(paths, reach=12, p=2, flow=[3, 4, 100]), seconds=60)
    assert (answer.sites, answer.covered) == ((1, 6), 107.0)
    answer = solve(problem_of(paths, reach=11, p=2, flow=[3, 4, 100]), seconds=60)
    assert (answer.covered, answer.upper_bound) == (7.0, 7.0)
    answer = solve(problem_of(paths, reach=11, p=3, flow=[3, 4, 100]), seconds=60)
    assert (answer.sites, answer.covered, answer.upper_bound) == ((5, 6, 7), 100.0, 100.0)


@settings(max_examples=150, deadline=None)
@given(problem=problems(), seed=st.integers(0, 3))
def test_small_ones_are_solved_as_by_trying_everything(problem, seed):
    answer = solve(problem, seconds=60, seed=seed)
    assert answer.status is Status.PROVEN
    assert len(answer.sites) == len(set(answer.sites)) == problem.p
    assert answer.covered == pytest.approx(most(problem)) == covered(problem, answer.sites)
    assert answer.upper_bound >= answer.covered


@settings(max_examples=150, deadline=None)
@given(problem=problems())
def test_a_trip_can_be_driven_exactly_where_all_its_needs_are_met(problem):
    needs = needs_of(problem)
    for count in range(len(needs.nodes) + 1):
        for chosen in combinations(range(len(needs.nodes)), count):
            stations = stations_of(needs)
            won = sum(open_node(needs, stations, node) for node in chosen)
            assert won == pytest.approx(covered(problem, needs.nodes[list(chosen)].tolist()))
            assert needs.flow[stations.unmet == 0].sum() == pytest.approx(won)


@settings(max_examples=60, deadline=None)
@given(problem=problems())
def test_nodes_that_are_left_out_are_never_missed(problem):
    needs = needs_of(problem)
    left, p = needs.nodes.tolist(), min(problem.p, len(needs.nodes))
    assert max(covered(problem, sites) for sites in combinations(left, p)) == pytest.approx(most(problem))


def test_no_need_contains_another_one_of_its_trip():
    needs = needs_of(web(1))
    nodes = [set(needs.node[a:b]) for a, b in zip(needs.first_node, needs.first_node[1:], strict=False)]
    for start, end in zip(needs.first_need, needs.first_need[1:], strict=False):
        own = [nodes[need] for need in needs.need[start:end]]
        assert own
        assert not any(one < other for one in own for other in own)


@pytest.mark.parametrize("seed", range(4))
def test_gains_are_what_a_node_would_win(seed):
    problem = web(seed)
    needs, random = needs_of(problem), np.random.default_rng(seed)
    stations = stations_of(needs)
    for _ in range(30):
        node = int(random.integers(len(needs.nodes)))
        (close_node if stations.is_open[node] else open_node)(needs, stations, node)
        weigh(needs, stations, 0.0)
        opened = needs.nodes[stations.is_open].tolist()
        now = covered(problem, opened)
        for other in np.flatnonzero(~stations.is_open):
            after = covered(problem, [*opened, needs.nodes[other]])
            assert stations.gain[other] == pytest.approx(after - now)


@pytest.mark.parametrize("seed", range(4))
def test_interchange_ends_where_no_move_pays(seed):
    problem = web(seed)
    needs, random = needs_of(problem), np.random.default_rng(seed)
    stations, nodes = stations_of(needs), len(needs.nodes)
    won = fill(needs, stations, problem.p, random.random((problem.p, nodes)), 0.5)
    reached = interchange(needs, stations, random.permutation(nodes).astype(np.int32), won)
    opened = needs.nodes[stations.is_open].tolist()
    assert len(opened) == problem.p
    assert won <= reached == pytest.approx(covered(problem, opened))
    for leaving in opened:
        for entering in set(range(problem.nodes)) - set(opened):
            assert covered(problem, [entering, *(node for node in opened if node != leaving)]) <= reached + 1e-9


@pytest.mark.parametrize("seed", range(3))
def test_the_programme_alone_proves_the_best(seed):
    problem = web(seed, nodes=12, trips=40, p=3)
    needs = needs_of(problem)
    start = np.arange(len(needs.nodes)) < 3
    known = covered(problem, needs.nodes[start].tolist())
    closed = close(needs, 3, start, known=known, unit=1.0, seconds=60)
    assert covered(problem, needs.nodes[closed.is_open].tolist()) == most(problem)
    assert most(problem) <= closed.bound < most(problem) + 1.0


def test_the_same_seed_gives_the_same_sites():
    problem = web(3, nodes=25, trips=100, p=4)
    assert solve(problem, seconds=60, seed=5) == solve(problem, seconds=60, seed=5)


def test_out_of_time_it_says_bounded_and_not_proven():
    answer = solve(web(2, nodes=200, trips=3000, p=12), seconds=0.0)
    assert len(set(answer.sites)) == 12
    assert answer.status is Status.BOUNDED
    assert answer.upper_bound > answer.covered


def test_where_no_trip_can_be_driven_nothing_is_covered():
    answer = solve(problem_of([([0, 1], [9])], reach=8, p=2), seconds=60)
    assert (answer.sites, answer.covered, answer.upper_bound, answer.status) == ((0, 1), 0.0, 0.0, Status.PROVEN)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"flow": np.array([-1.0])}, "0 or more"),
        ({"flow": np.array([np.nan])}, "finite"),
        ({"first": np.array([0, 2])}, "one beginning each"),
        ({"first": np.array([0, 1, 3]), "flow": np.ones(2)}, "two nodes or more"),
        ({"node": np.array([0, 1, 3], dtype=np.int32)}, "0..2"),
        ({"node": np.array([0, 1, 0], dtype=np.int32)}, "only once"),
        ({"at": np.array([0.0, 2.0, 1.0])}, "never fall"),
        ({"at": np.array([1.0, 2.0, 3.0])}, "begin with 0"),
        ({"at": np.array([0.0, 2.0])}, "one beginning each"),
        ({"reach": 0.0}, "leads nowhere"),
        ({"reach": np.inf}, "leads nowhere"),
        ({"p": 0}, "there are 3 nodes"),
        ({"p": 4}, "there are 3 nodes"),
    ],
)
def test_what_cannot_be_is_refused(change, told):
    right = {
        "flow": np.ones(1),
        "first": np.array([0, 3]),
        "node": np.array([0, 1, 2], dtype=np.int32),
        "at": np.array([0.0, 2.0, 3.0]),
        "nodes": 3,
        "reach": 4.0,
        "p": 1,
    }
    FlowProblem(**right)
    with pytest.raises(InvalidInput, match=told):
        FlowProblem(**{**right, **change})
