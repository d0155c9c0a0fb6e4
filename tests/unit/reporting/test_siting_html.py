"""report.html of a study as text: asks nothing of the network, no name can break out, and nothing needs the script."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
import shapely
from markupsafe import escape

from optimiser.basics.findings import Findings
from optimiser.basics.limits import SolveLimits
from optimiser.reporting.siting_document import study_document
from optimiser.reporting.siting_ground import BUDGET
from optimiser.reporting.siting_html import study_html
from optimiser.reporting.siting_outcome import outcome
from optimiser.reporting.siting_shares import told_apart
from optimiser.reporting.siting_words import with_names
from optimiser.siting.comparison import compare
from optimiser.siting.result import Conflict
from tests.unit.reporting.siting_pages import fronts, page, plain
from tests.unit.reporting.siting_reports import LAT, LON, OUTLINES, small_problem, small_study
from tests.unit.reporting.test_html import Tags

NASTY = {
    "A": "</script><script>alert(1)</script>",
    "B": '"><img src=x onerror=alert(2)>',
    "C": "{{ 7 * 7 }} ]]> <!-- \u2028 & 'quote'",
    "city": "<title>Göteborg</title>",
}


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


def test_a_few_sessions_a_day_are_told_with_the_digits_that_they_have():
    asked = small_problem()
    segments = tuple(replace(item, sessions_per_day=0.0006, kwh_per_session=0.25) for item in asked.segments)
    text = page(problem=replace(asked, segments=segments))
    assert "<td>0.0006</td><td>0.25</td>" in text


def test_how_to_get_the_plan_again_tells_the_limits_of_the_search():
    text = page(limits=SolveLimits(seconds=40.0, gap=0.02, seed=7))
    assert "· seed 7 · 40 seconds · gap of 2 % is enough · value" in text
    assert "With a limit of time another machine" in text
    text = page(limits=SolveLimits(seconds=None, rounds=500, seed=7))
    assert "· seed 7 · 500 rounds · value" in text
    assert "With a limit of time" not in text
    assert "· seed 7 · value" in page()


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


def test_a_phase_that_builds_nothing_says_so():
    made = small_study()
    early = tuple(replace(item, phase=0) for item in made.result.plan.installations)
    made = replace(made, result=replace(made.result, plan=replace(made.result.plan, installations=early)))
    assert '<td class="text">nothing</td>' in study_html(made, outcome(made))
    assert '<td class="text">nothing</td>' not in page()


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
