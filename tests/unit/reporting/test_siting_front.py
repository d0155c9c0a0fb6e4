"""The page of a study with a front and a sensitivity: plans drawn where they are, and what runs say of sites."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations

import pytest

from optimiser.reporting.backtest_page import Axis
from optimiser.reporting.siting_document import study_document
from optimiser.reporting.siting_front_page import _ticks
from optimiser.reporting.siting_outcome import outcome
from optimiser.reporting.siting_words import gave_way
from optimiser.siting.sensitivity import Varied
from tests.unit.reporting.siting_pages import fronts, page, plain
from tests.unit.reporting.siting_reports import front_of, leaving_out, small_problem, small_study
from tests.unit.reporting.test_html import Tags


def test_the_front_is_drawn_and_listed_with_its_proofs():
    told, runs = fronts()
    text = page(front=told, sensitivity=runs)
    classes = [attributes.get("class") or "" for _, attributes in Tags(text).found]
    assert classes.count("spot") == sum(name.startswith("whisker k") for name in classes) == len(told.points) > 2
    section = text[text.index('id="front"') : text.index('id="stability"')]
    assert section.count('<tr><th scope="row">') == len(told.points)
    assert f"Counted: {runs.times_asked()} studies of 6 with demand, reach or budget varied" in text
    listed = text[text.index("What each of them brings") : text.index('id="assumptions"')]
    assert listed.count('<tr><th scope="row" class="text">') == 9
    assert all(f'<tr><th scope="row" class="text">{run.factors}</th>' in listed for run in runs.runs)
    assert "0 of 6 found none" in listed
    kept = replace(runs, runs=tuple(replace(run, is_base=run.varied is not Varied.SEARCH) for run in runs.runs))
    assert "6 of 6 found none" in page(sensitivity=kept)


def test_runs_that_say_nothing_of_sites_and_bounds_of_no_use_are_told_as_such():
    _, runs = fronts()
    built = frozenset("BC")
    made = tuple(
        replace(run, sites=built, value=100.0, upper_bound=103.0, is_base=run.varied is Varied.DEMAND)
        for run in runs.runs
    )
    poor = tuple(
        replace(run, sites=frozenset("D"), upper_bound=900.0, is_counted=False) if run.varied is Varied.SEARCH else run
        for run in made
    )
    text = page(sensitivity=replace(runs, runs=poor))
    assert "2 of 2 sites are chosen again in 80 % or more of 6 studies that came to a plan of their own, of 6" in text
    assert "Not counted" not in text
    assert "With another seed 2 of 2 come to clearly less in so short a search" in text
    (row,) = re.findall(r"<small>B</small></th>.*", text[text.index('id="stability"') :])
    assert re.findall(r"<td>([^<]*)</td>", row) == ["2 of 2", "2 of 2", "2 of 2", "–"]
    # The bound is nine times what the plan brings.
    assert "<td>100</td><td>not found in so short a search</td><td>–</td>" in text
    assert "<td>100</td><td>103</td><td>2.9 %</td>" in text
    assert "this one; the search came to one as good" in text
    assert "its own, clearly worse: not counted" in text
    assert "may be far from the best" not in text
    # Of demand this plan was only put back in, and one with another reach is perhaps poor: 3 of 6 are left.
    far = tuple(replace(run, is_counted=not run.is_base and run is not made[2]) for run in made)
    text = page(sensitivity=replace(runs, runs=far))
    assert "80 % or more of 3 studies that came to a plan of their own, of 6 with demand, reach or money" in text
    assert (
        "Not counted: in 2 this plan was only put back in, as so short a search found none as good, and 1 may" in text
    )
    assert "this one, put back in: not counted" in text
    assert "its own, perhaps far from the best: not counted" in text
    # What of it the money is enough for; a bound of 142.9 is 30 % above, ten points more than that of the study is.
    for bound, why in ((144.0, "perhaps far from the best"), (142.0, "put back in")):
        cut = replace(made[0], is_base=True, sites=frozenset("B"), upper_bound=bound, is_counted=False)
        text = page(sensitivity=replace(runs, runs=(cut, *made[1:])))
        assert f"this one, without what there is no money for, {why}: not counted" in text
        assert ("Not counted: 1 may be far" if bound > 143 else "Not counted: in 1 this plan") in text
    text = page(sensitivity=replace(runs, runs=made))
    assert "With another seed 2 of 2 come to a plan as good as this one, or nearly." in text


def test_where_no_run_came_to_a_plan_of_its_own_that_counts_no_bars_are_drawn():
    _, runs = fronts()
    back = tuple(replace(run, is_base=run.varied is not Varied.SEARCH, is_counted=False) for run in runs.runs)
    told = replace(runs, runs=back)
    study = small_study(sensitivity=told)
    document = study_document(study, outcome(study))["sensitivity"]
    nothing = (
        "This tells nothing about which sites stay: no run found a better plan of its own in its seconds, nor one as "
        "good, in 6 studies with demand, reach or money varied by up to 20 %."
    )
    assert plain(document["text"]).startswith(nothing)
    assert (document["runs_counted"], document["times_chosen"]) == (0, {})
    text = page(sensitivity=told)
    section = text[text.index('id="stability"') : text.index("What each of them brings")]
    assert nothing in plain(section)
    assert "<table" not in section
    assert 'class="meter"' not in section


def test_runs_say_which_wishes_gave_way_and_how_many_keep_all():
    _, runs = fronts()
    kept = tuple(replace(run, missed={}, left_out=frozenset()) for run in runs.runs)
    first = replace(kept[0], missed={"east": 0.25, "west": 0.5}, left_out=frozenset("D"))
    result = small_study().result
    short = replace(result, wishes=replace(result.wishes, floors={"west": 0.9, "east": 0.1}))
    text = page(sensitivity=replace(runs, runs=(first, *kept[1:])), result=short)
    rows = re.findall(r'<tr><th scope="row" class="text">.*</tr>', text[text.index("What each of them brings") :])
    told = [re.findall(r'<td class="text">([^<]*)</td>', row)[0] for row in rows[: 1 + len(kept)]]
    # 30 % of the east are asked for, and 10 % kept to by the study itself.
    assert told[:2] == ["20.0 % lacking in east", "50.0 % lacking in west, 25.0 % lacking in east; nothing at D"]
    assert set(told[2:]) == {"none"}
    assert "7 of 8 keep all floors and forced sites, in 1 some give way." in text
    assert "All of 8 keep all floors and forced sites." in page(sensitivity=replace(runs, runs=kept))
    none = tuple(replace(first, varied=run.varied) for run in kept)
    assert "None of 8 keeps all floors and forced sites." in page(sensitivity=replace(runs, runs=none))
    # Where nothing is asked for, nothing is kept.
    problem = small_problem()
    free = replace(problem, wishes=replace(problem.wishes, floors={}))
    assert "all floors and forced sites" not in page(sensitivity=runs, problem=free)


@pytest.mark.parametrize(
    ("missed", "left_out", "told"),
    [
        ({}, (), "none"),
        ({"a": 0.00001}, (), "0.1 % lacking in a"),
        ({"a": 0.1, "b": 0.2, "c": 0.3}, (), "30.0 % lacking in c, 20.0 % lacking in b, 10.0 % lacking in a"),
        (
            dict(zip("abcde", (0.1, 0.1, 0.1, 0.3, 0.2), strict=True)),
            (),
            "30.0 % lacking in d, 20.0 % lacking in e, 10.0 % lacking in a, and in 2 more districts",
        ),
        ({}, "dcba", "nothing at a, b, c, and at 1 more site"),
    ],
)
def test_wishes_that_gave_way_in_words(missed, left_out, told):
    assert gave_way(missed, left_out) == told


def section_of_front(**given):
    text = page(front=front_of(small_study(), **given))
    return text[text.index('id="front"') : text.index("</section>", text.index('id="front"'))]


def test_a_plan_on_the_front_tells_the_floors_really_asked_for_whom_it_serves_and_the_fullest_grid_node():
    section = section_of_front(floors={"west": 0.9, "east": 0.6})
    assert "<td>60 % to 90 % <small>not kept</small></td><td>54.4 %</td>" in section
    # 20 of 35 kW.
    assert (
        '<th scope="col">People served</th><th scope="col">Of all</th><th scope="col">Fullest grid node</th>' in section
    )
    assert "<td>57 %</td>" in section
    assert "not kept</small>" not in section_of_front(floors={"west": 0.9, "east": 0.3})


def test_a_plan_that_keeps_what_it_asks_for_but_not_what_the_study_does_says_so():
    told = front_of(small_study(), floors={"west": 0.9, "east": 0.0})
    broken = replace(told.points[0], own_floors={"west": 0.9, "east": 0.6})
    section = page(front=replace(told, points=(broken,)))
    assert "<td>0 % to 90 % <small>the study&#39;s own not kept</small></td>" in section
    assert "no knee: fewer than three costs among these plans" in section
    kept = page(front=told)
    assert "own not kept</small>" not in kept
    assert "no knee: fewer than three costs among the plans that keep the study&#39;s own floors" in kept


def test_a_plan_that_leaves_out_a_forced_site_is_hollow_and_names_it():
    told = front_of(small_study())
    assert "Forced sites</th>" not in page(front=told)
    text = page(front=leaving_out(told, "D"))
    assert '<th scope="col" class="text">Forced sites</th>' in text
    assert '<td class="text">nothing at D</td>' in text
    assert 'class="k0 short"' in text[text.index('<figure class="chart">') : text.index("<figcaption")]
    assert "hollow: nothing at some forced site" in text
    built = page(front=leaving_out(told, told.points[0].plan.installations[0].site_id))
    assert '<td class="text">all built</td>' in built
    assert "hollow: nothing" not in built
    assert "among the plans that keep the study&#39;s own floors and forced sites" in built


def test_the_ring_says_that_money_brings_less_after_the_knee_than_before_it():
    (its,) = front_of(small_study(), floors={}).points
    points = tuple(replace(its, cost=cost, value=value) for cost, value in ((0.0, 0.0), (25.0, 80.0), (100.0, 100.0)))
    told = replace(front_of(small_study(), floors={}), points=points)
    knee = "ring: knee, after which more money brings less than before it, among these plans"
    assert knee in page(front=replace(told, knee=1))
    assert "no knee: money does not bring less and less among these plans" in page(front=told)


def numbers(pattern, text):
    return [tuple(map(float, found)) for found in re.findall(pattern, text)]


def test_plans_are_drawn_where_they_are_and_only_their_numbers_move():
    # Twelve plans of nearly the same value at the same cost, one of half of it, and bounds above all of them.
    told = front_of(small_study())
    (its,) = told.points
    values = (*(100.0 + 0.1 * number for number in range(12)), 50.0)
    points = tuple(replace(its, cost=100.0, value=value, upper_bound=103.0) for value in values)
    points = (*points[:-1], replace(points[-1], cost=60.0))
    text = page(front=replace(told, points=points))
    text = text[text.index('<figure class="chart">') : text.index("<figcaption")]
    spots = numbers(r'<circle class="spot" cx="([\d.]+)" cy="([\d.]+)"', text)
    # The axes: cost from 76 to 720 - 24, up to 104; value from 340 - 44 to 16, up to 1.04 times the bound.
    across, up = (696 - 76) / 104, (296 - 16) / (1.04 * 103)
    drawn = [(76 + across * point.cost, 296 - up * point.value) for point in points]
    assert [pytest.approx(place, abs=0.06) for place in drawn] == spots
    # No mark is above its bound.
    whiskers = numbers(r'<path class="whisker k\d" d="M([\d.]+) ([\d.]+)V([\d.]+)', text)
    assert [(x, y) for x, y, _ in whiskers] == spots
    assert all(bound <= y for _, y, bound in whiskers)
    labels = numbers(r'<text class="number" x="([\d.]+)" y="([\d.]+)"', text)
    assert len(labels) == 13
    for one, other in combinations(labels, 2):
        assert abs(one[0] - other[0]) >= 18 or abs(one[1] - other[1]) >= 14
    # Lines to numbers are of their own kind, and never upright as whiskers are.
    leaders = numbers(r'<path class="leader" d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"', text)
    assert leaders
    assert all((x, y) in spots and abs(to_x - x) > 5 for x, y, to_x, _ in leaders)
    # No line runs over a number.
    assert text.rindex('class="whisker k') < text.index('class="spot"')
    assert text.rindex('class="leader" d="M' + str(leaders[-1][0])) < text.index('class="spot"')


def test_the_front_of_a_city_without_districts_says_nothing_of_floors():
    section = section_of_front(floors={})
    assert '<tr><th scope="row">1</th>' in section
    for word in ("Floor asked", "Worst district", "of each district", "its worst district", "give way"):
        assert word not in section


@pytest.mark.parametrize("high", [1.0, 7.3, 98_000.0, 100_000.0, 250_000.0, 1_040_000.0, 59.9, 5.99])
def test_an_axis_of_the_front_has_four_to_six_round_marks(high):
    told = _ticks(Axis(low=0.0, high=high, start=0.0, end=100.0))
    assert 4 <= len(told) <= 6
    texts = [plain(text).replace(" ", "") for _, text in told]
    assert len(set(texts)) == len(told)
    # Each is drawn where it says.
    assert [place for place, _ in told] == pytest.approx([100 * float(text) / high for text in texts], abs=0.06)


def test_how_often_a_site_stays_is_told_with_the_runs_that_it_rests_on():
    _, runs = fronts()
    text = plain(page(sensitivity=runs))
    asked = runs.times_asked()
    assert f"</span> <small>{runs.times_chosen()['B']} of {asked} runs</small>" in text
