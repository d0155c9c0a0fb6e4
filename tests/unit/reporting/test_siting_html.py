"""report.html of a study as text: asks nothing of the network, no name can break out, and nothing needs the script."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from itertools import combinations

import pytest
import shapely
from markupsafe import escape

from optimiser.basics.findings import Findings
from optimiser.basics.limits import SolveLimits
from optimiser.reporting.backtest_page import Axis
from optimiser.reporting.siting_document import study_document
from optimiser.reporting.siting_front_page import _ticks
from optimiser.reporting.siting_ground import BUDGET
from optimiser.reporting.siting_html import study_html
from optimiser.reporting.siting_nights import BikeNights, NightWork, WeighedNight
from optimiser.reporting.siting_outcome import outcome
from optimiser.reporting.siting_shares import told_apart
from optimiser.reporting.siting_words import gave_way, with_names
from optimiser.siting.comparison import compare
from optimiser.siting.front import front
from optimiser.siting.result import Conflict
from optimiser.siting.sensitivity import Varied, sensitivity
from tests.unit.reporting.siting_reports import LAT, LON, OUTLINES, front_of, small_problem, small_study
from tests.unit.reporting.test_html import Tags

STREETS = [
    ("primary", ((LON - 0.001, LAT), (LON + 0.006, LAT))),
    ("residential", ((LON + 0.003, LAT - 0.001), (LON + 0.003, LAT + 0.001))),
]
AREA = [[[(LON, LAT), (LON + 0.002, LAT), (LON + 0.002, LAT + 0.001), (LON, LAT)]]]
NASTY = {
    "A": "</script><script>alert(1)</script>",
    "B": '"><img src=x onerror=alert(2)>',
    "C": "{{ 7 * 7 }} ]]> <!-- \u2028 & 'quote'",
    "city": "<title>Göteborg</title>",
}
LIMITS = SolveLimits(seconds=30.0)


def page(names=None, **given):
    study = small_study(names, **{"street_lines": STREETS, "isochrones": {"B": AREA}, **given})
    return study_html(study, outcome(study))


@cache
def fronts():
    """A front and runs of the small problem; solved once, as they are only looked at."""
    asked = small_problem()
    runs = sensitivity(asked, LIMITS, repeats=2)
    return front(asked, LIMITS, fractions=(0.3, 0.6, 1.0), floors=(0.0, 0.5)), runs


def test_nothing_in_the_page_leads_outside_and_no_style_is_set_in_place():
    told, runs = fronts()
    text = page(NASTY, front=told, sensitivity=runs)
    assert "http://" not in text
    assert "https://" not in text
    assert not re.search(r"url\((?!#)|@import", text)
    for tag, attributes in Tags(text).found:
        assert tag not in {"iframe", "object", "embed", "img", "audio", "video", "base", "form"}
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href", "action"):
            value = attributes.get(name, "#")
            assert str(value).startswith("#") or (tag == "link" and value == "data:,"), (tag, name, value)


def test_names_cannot_break_out():
    text = page(NASTY)
    tags = Tags(text).found
    assert [tag for tag, _ in tags].count("script") == 2
    assert [tag for tag, _ in tags].count("title") == 1 + 3
    assert "{{ 7 * 7 }}" in text
    (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, flags=re.S)
    assert {site["id"]: site["name"] for site in json.loads(data)["sites"]} == {id_: NASTY[id_] for id_ in "ABC"}
    assert not {"<", ">", "&", "\u2028"} & set(data)


def test_the_page_says_everything_without_its_script():
    text = re.sub(r"<script.*?</script>", "", page(), flags=re.S)
    classes = [attributes.get("class") or "" for _, attributes in Tags(text).found]
    # A was there, B and C are built; D is a dot among the candidates.
    assert sorted(re.findall(r'class="site k0( there)?" id="st-\d"', text)) == ["", "", " there"]
    assert classes.count("area") == 2
    assert {"main", "minor"} <= set(classes)
    for fact in (
        "3 plugs at 2 sites for 260 SEK over 2 phases",
        "Site B",
        "A car park.",
        "no charger within reach: money",
        "plugs within reach run short",
        "in phase 1: 20 kW for 30 SEK",
        "reaches at least 80.0 % of the best possible",
        "demand is made up from seed 1",
        "© OpenStreetMap contributors",
        "general assumptions, not the city&#39;s own",
    ):
        assert fact in text, fact


def test_borders_excluded_areas_and_the_grid_are_drawn_named_and_in_the_legend():
    text = re.sub(r"<script.*?</script>", "", page(outlines=OUTLINES), flags=re.S)
    classes = [attributes.get("class") or "" for _, attributes in Tags(text).found]
    # Once on the map and once in the legend.
    assert [classes.count(layer) for layer in ("borders", "excluded", "node")] == [2, 2, 2]
    assert re.findall(r"<tspan[^>]*>(\w+)</tspan>", text) == ["west", "east"]
    assert "<title>Nothing may be built: Old town</title>" in text
    assert "<p><small>Nothing may be built, hatched on the map: Old town.</small></p>" in text
    node = "before: 10 of 15 kW; phase 1: 20 of 35 kW, upgraded; phase 2: 20 of 35 kW, upgraded"
    assert f"<title>Grid node G, power held ready for chargers: {node}</title>" in text
    legend = text[text.index("City and grid") : text.index("People, in the last phase")]
    for entry in ("border of a district <b>2</b>", "nothing may be built <b>1</b>", "is held ready <b>1</b>"):
        assert entry in legend


def test_where_the_city_tells_of_no_borders_areas_and_grid_the_page_has_nothing_of_them():
    text = re.sub(r"<(script|style).*?</\1>", "", page(), flags=re.S)
    for word in ("borders", "excluded", "hatch", 'class="node', "names", "City and grid", "checkbox", "grid nodes"):
        assert word not in text
    # What is known is drawn, whatever else is not.
    text = re.sub(
        r"<(script|style).*?</\1>", "", page(outlines=replace(OUTLINES, districts={}, excluded=())), flags=re.S
    )
    assert "show-nodes" in text
    assert "show-districts" not in text
    assert "show-excluded" not in text


def test_a_city_of_large_outlines_has_a_page_that_can_be_mailed():
    bumps = [(LON + 0.1 * step / 30_000, LAT + 0.001 * (step % 3)) for step in range(30_000)]
    shore = shapely.Polygon([*bumps, (LON + 0.1, LAT - 0.1), (LON, LAT - 0.1)])
    outlines = replace(OUTLINES, districts={"west": shore}, excluded=(("Shore", shore),))
    # The outlines alone have more than a million characters of degrees.
    assert len(page(outlines=outlines)) - len(page()) < 2 * BUDGET + 10_000


def test_names_of_districts_areas_and_nodes_cannot_break_out():
    evil = NASTY["B"]
    made = small_study()
    districts = tuple(replace(item, name=evil) for item in made.problem.districts)
    grid = tuple(replace(node, id=evil) for node in made.problem.grid)
    sites = tuple(replace(item, grid_node=evil if item.grid_node else None) for item in made.problem.sites)
    problem = replace(made.problem, districts=districts, grid=grid, sites=sites)
    plan = replace(made.result.plan, upgrades=())
    area = OUTLINES.excluded[0][1]
    outlines = replace(OUTLINES, excluded=((NASTY["A"], area),), grid_nodes={evil: OUTLINES.grid_nodes["G"]})
    text = page(problem=problem, result=replace(made.result, plan=plan), outlines=outlines)
    tags = [tag for tag, _ in Tags(text).found]
    assert tags.count("script") == 2
    assert "img" not in tags
    assert text.count(f"Nothing may be built: {escape(NASTY['A'])}") == 1


def test_a_wish_that_could_not_be_kept_and_a_warning_are_told():
    findings = Findings()
    findings.warning("odd", "seven points are far from any street", source="demand.geojson")
    wish = Conflict(
        rule="floor",
        ids=("east",),
        asked=0.9,
        possible=0.5,
        is_proven=False,
        is_impossible=True,
        text="90 % cannot be had",
    )
    result = replace(small_study().result, conflicts=(wish,))
    text = page(result=result, warnings=findings.warnings)
    assert "<b>Cannot be kept:</b> 90 % cannot be had." in text
    not_proven = page(result=replace(result, conflicts=(replace(wish, is_impossible=False),)))
    assert "<b>Was not kept:</b> 90 % cannot be had." in not_proven
    assert "seven points are far from any street" in text


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


def test_districts_are_told_by_name_in_wishes_that_gave_way():
    made = small_study()
    districts = tuple(replace(its, name="Gamle Oslo") for its in made.problem.districts)
    text = "90.0% of district east are to be served, within the limits 50.0% were reached"
    wish = Conflict(rule="floor", ids=("east",), asked=0.9, possible=0.5, is_impossible=True, is_proven=True, text=text)
    given = {"result": replace(made.result, conflicts=(wish,))}
    # Two of the same name are told apart by their ids.
    twice = page(problem=replace(made.problem, districts=districts), **given)
    assert "90.0% of Gamle Oslo (east) are to be served" in twice
    once = tuple(replace(its, name=its.id if its.id == "west" else "Gamle Oslo") for its in districts)
    assert "90.0% of Gamle Oslo are to be served" in page(problem=replace(made.problem, districts=once), **given)
    assert with_names("20 % of district D1-2, D1", {"D1": "Old", "D1-2": "New"}) == "20 % of New, D1"


def test_the_limit_of_waiting_is_told_beside_the_mean_and_what_is_lost_is_of_this_plan():
    text = plain(page())
    assert "of the drivers who come to Slow, 10 % at most wait longer than 10 min" in text
    assert "a study that bans the site (<code>--ban</code>) may build elsewhere and lose less, or nothing" in text


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


def test_a_few_sessions_a_day_are_told_with_the_digits_that_they_have():
    asked = small_problem()
    segments = tuple(replace(item, sessions_per_day=0.0006, kwh_per_session=0.25) for item in asked.segments)
    text = page(problem=replace(asked, segments=segments))
    assert "<td>0.0006</td><td>0.25</td>" in text


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


def test_how_to_get_the_plan_again_tells_the_limits_of_the_search():
    text = page(limits=SolveLimits(seconds=40.0, gap=0.02, seed=7))
    assert "· seed 7 · 40 seconds · gap of 2 % is enough · value" in text
    assert "With a limit of time another machine" in text
    text = page(limits=SolveLimits(seconds=None, rounds=500, seed=7))
    assert "· seed 7 · 500 rounds · value" in text
    assert "With a limit of time" not in text
    assert "· seed 7 · value" in page()


def test_a_plan_that_keeps_what_it_asks_for_but_not_what_the_study_does_says_so():
    told = front_of(small_study(), floors={"west": 0.9, "east": 0.0})
    broken = replace(told.points[0], own_floors={"west": 0.9, "east": 0.6})
    section = page(front=replace(told, points=(broken,)))
    assert "<td>0 % to 90 % <small>the study&#39;s own not kept</small></td>" in section
    assert "no knee: fewer than three costs among these plans" in section
    kept = page(front=told)
    assert "own not kept</small>" not in kept
    assert "no knee: fewer than three costs among the plans that keep the study&#39;s own floors" in kept


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


def test_nights_without_docks_and_with_them_are_told_with_what_they_rest_on():
    without = NightWork(
        van_km=5.0,
        van_minutes=60.0,
        stops=3,
        swaps=4,
        low_charge_taken=1,
        lost_trips=2.0,
        van_cost=30.0,
        cost=50.0,
        best_bound=45.0,
    )
    with_docks = replace(without, van_km=3.0, swaps=1, cost=41.0, best_bound=40.0)
    night = WeighedNight(
        as_of=datetime(2026, 11, 22, 21, tzinfo=UTC), low_charge=6, charged=3, without=without, with_docks=with_docks
    )
    told = BikeNights(
        nights=(night,),
        docks={"S1": 3},
        docks_elsewhere=2,
        docks_cost=5400.0,
        nights_a_year=300.0,
        van_g_per_km=200.0,
        assumptions=("Low bikes <stand> there.",),
    )
    text = page(bike_nights=told)
    assert "3 charging docks at 1 bike station, and 2 where no station is, which save nothing here." in text
    assert "Of 6 bikes low on charge in 1 night, 3 need no van." in text
    # 2 km, 3 swaps and 9 a night; 600 km, 2,700 and 120 kg a year.
    assert "saves 2.0 km of vans, 0 minutes, 3.0 swaps and 9.00 SEK a night, as the searches found it" in text
    assert "(what the best plans save is proven to lie between 4.00 and 10.00 SEK)" in text
    assert "in a year it saves 600 km, 2\u202f700 SEK and 120 kg of CO₂." in text
    # 5,400 for the docks are two years' 2,700.
    assert "These docks cost 5\u202f400 SEK, which that pays back in 2.0 years." in text
    # 45 - 41 and 50 - 40.
    assert "they save 4.00 SEK at least and 10.00 SEK at most; that is proven." in text
    worse = replace(night, with_docks=replace(with_docks, cost=48.0))
    text = page(bike_nights=replace(told, nights=(night, worse)))
    assert "From night to night docks save 2.00 to 9.00 SEK." in text
    # The mean of 4 and 45 - 48, and of 10 twice.
    assert "save 0.50 SEK at least and 10.00 SEK at most" in text
    worst = replace(told, nights=(replace(worse, without=replace(without, best_bound=30.0)),))
    text = page(bike_nights=worst)
    assert "within −18.00 SEK and 10.00 SEK only" in text
    # Found are 2 a night, but whether anything is saved is open: nobody knows when that has paid for the docks.
    assert "and 2.00 SEK a night, as the searches found it (what the best plans save is proven to lie between" in text
    assert "−18.00 and 10.00 SEK, so that it is open whether money is saved); in a year it saves 600 km and 120" in text
    assert "These docks cost 5\u202f400 SEK.</p>" in text
    assert worst.years_to_pay is None
    dear = page(bike_nights=replace(told, nights=(replace(night, with_docks=replace(with_docks, cost=64.0)),)))
    # 14 more than the 50 without docks; of 45 - 64 and 50 - 40 nobody knows which it is.
    assert "That saves 2.0 km of vans, 0 minutes and 3.0 swaps and costs 14.00 SEK more a night, as the" in dear
    assert "in a year it saves 600 km and 120 kg of CO₂." in dear
    assert "These docks cost 5\u202f400 SEK.</p>" in dear
    # 45 - 64 and 50 - 40.
    assert "within −19.00 SEK and 10.00 SEK only: that they cost more is as the searches found it" in dear
    assert "From night to night docks cost up to 14.00 SEK more and save up to 9.00 SEK." in page(
        bike_nights=replace(told, nights=(night, replace(night, with_docks=replace(with_docks, cost=64.0))))
    )
    assert "Low bikes &lt;stand&gt; there." in text
    sure = replace(night, with_docks=replace(with_docks, cost=64.0, best_bound=60.0))
    sure = page(bike_nights=replace(told, nights=(sure,)))
    # 14 a night in a year of 300 nights; proven are 50 - 60 at most.
    assert "in a year it saves 600 km and 120 kg of CO₂ and costs 4\u202f200 SEK more." in sure
    idle = replace(told, nights=(replace(night, charged=0, with_docks=without),))
    assert "so nothing is saved" in page(bike_nights=idle)
    assert 'id="nights"' not in page()


def test_an_earlier_study_stands_beside_this_one():
    made = small_study()
    earlier = replace(made.result.plan, installations=made.result.plan.installations[:1], servings=())
    told = compare((made.problem, earlier), (made.problem, made.result.plan))
    text = page(comparison=told)
    # 140 with B and the stronger grid, 260 with C as well.
    assert '<th scope="row">Cost, SEK</th><td>140</td><td>260</td>' in text
    assert "Built now and not then: Site C. Built then and not now: none. Built in both: Site B." in text
    assert "1 site in both, 1 in this one only, 0 in the earlier one only; 260 SEK instead of 140" in text
    assert "Other numbers of plugs" not in text
    (first, *others) = made.result.plan.installations
    more = replace(made.result.plan, installations=(replace(first, plugs=3), *others))
    text = page(comparison=compare((made.problem, more), (made.problem, made.result.plan)))
    assert "<li>Site B: 1 Slow instead of 3</li>" in text


def test_a_study_without_anything_makes_a_page():
    made = small_study()
    problem = replace(
        made.problem,
        districts=(),
        grid=(),
        sites=tuple(replace(item, grid_node=None, district=None, plugs={}) for item in made.problem.sites),
        demand=tuple(replace(item, district=None) for item in made.problem.demand),
        wishes=replace(made.problem.wishes, floors={}),
    )
    plan = replace(made.result.plan, installations=(), upgrades=(), servings=())
    text = page(problem=problem, result=replace(made.result, plan=plan), street_lines=())
    assert "Nothing is built" in text
    assert 'id="districts"' not in text


def test_what_is_assumed_is_told_and_not_called_synthetic():
    made = small_study(assumed=("Assumed: id: town.",))
    head, _, foot = study_html(made, outcome(made)).partition('<footer class="labels">')
    assert "Assumed: id: town." in head
    assert "Assumed" not in foot
    assert "demand is made up from seed 1" in foot
    assert study_document(made, outcome(made))["labels"]["synthetic"] == [
        "demand is made up from seed 1",
        "Assumed: id: town.",
    ]


def plain(text):
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def test_people_of_several_segments_and_growth_are_not_taken_for_residents():
    # 16 people and 10 drivers; then half as many people more.
    assert "People are those of all segments in the last phase: 16 People, 10 Drivers." in plain(page())
    made = small_study()
    first, last = made.problem.wishes.phases
    phases = (first, replace(last, growth={"people": 1.5}))
    made = replace(made, problem=replace(made.problem, wishes=replace(made.problem.wishes, phases=phases)))
    grown = "last phase, with growth and scenarios as expected (26 as the files have them): 24 People, 10 Drivers."
    assert grown in plain(study_html(made, outcome(made)))
    demand = tuple(replace(point, segment="people") for point in made.problem.demand)
    alone = small_study(problem=replace(small_problem(), demand=demand))
    assert "People are those" not in study_html(alone, outcome(alone))


@pytest.mark.parametrize(
    ("share", "floor", "told"),
    [
        (0.046, 0.05, ("4.6 %", "5.0 %", "7.0 %")),
        (0.03, 0.05, ("3 %", "5 %", "7 %")),
        (0.04996, 0.05, ("4.996 %", "5.000 %", "7.000 %")),
    ],
)
def test_a_share_that_misses_its_floor_reads_as_less(share, floor, told):
    assert tuple(map(plain, told_apart(share, floor, 0.07))) == told


def test_a_missed_floor_is_told_with_the_digits_that_it_takes():
    made = small_study()
    (east,) = (its for its in outcome(made).districts if its.id == "east")
    floors = {"west": 0.9, "east": east.least_served_share + 0.0004}
    made = replace(made, problem=replace(made.problem, wishes=replace(made.problem.wishes, floors=floors)))
    text = plain(study_html(made, outcome(made)))
    share, floor = told_apart(east.least_served_share, floors["east"])
    assert plain(share) != plain(floor)
    assert f'<p class="value">{plain(share)}</p>' in text
    assert f'<span class="share">{plain(share)}</span>' in text
    assert f'<td class="bad missed">{plain(floor)}</td>' in text


def test_a_site_without_a_name_is_told_by_its_id_once():
    text = page({"B": "B"})
    (row,) = (int(mark) for mark in re.findall(r'<a href="#st-(\d+)">B</a></th>', text))
    assert f'<a href="#st-{row}">B</a> <small>' not in text
    assert '<a href="#st-1">Site C</a> <small>C</small>' in text


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


def test_extended_sites_are_told_apart_from_new_ones():
    # B and C are new.
    assert "1 extended" not in page()
    assert "not extended" not in page()
    made = small_study()
    sites = tuple(replace(site, plugs={"slow": 1} if site.id == "B" else site.plugs) for site in made.problem.sites)
    made = replace(made, problem=replace(made.problem, sites=sites))
    text = study_html(made, outcome(made))
    assert "1 new, 1 extended · " in text
    # A stands as it was; B stood before as well, and is told with what is built.
    assert "built, with its phase; 1 of them extends what was there before <b>2</b>" in text
    assert "there before, not extended <b>" in text
    assert "Sites that stand already and are not extended <span" in text
