"""For nights with everything in them and any valid plan: a stranger replays the document, and every file is made."""

import csv
import io
import json

from hypothesis import event, given, settings
from hypothesis import strategies as st

from optimiser.network.straight_line import StraightLine
from optimiser.rebalancing.check import check
from optimiser.rebalancing.plan import Plan
from optimiser.rebalancing.problem import Problem
from optimiser.reporting.files import night_files
from tests.property.test_whole_nights import nights, plausible_plans_for
from tests.unit.reporting.nights import night_of
from tests.unit.reporting.replayer import replay_plan

TRAVEL = StraightLine(circuity=1.3, speed_kmh=25)


def valid_part(night: Problem, plan: Plan) -> Plan:
    """The plan without the routes, or the last stops of routes, that break a rule."""
    kept = Plan()
    for route in plan.routes:
        for length in range(len(route.stops), 0, -1):
            before = None if route.break_before is None else min(route.break_before, length)
            shorter = type(route)(van_id=route.van_id, stops=route.stops[:length], break_before=before)
            longer = Plan(routes=(*kept.routes, shorter))
            if not check(night, longer):
                kept = longer
                break
    return kept


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_every_file_of_a_valid_night_is_made_and_agrees_with_itself(data):
    given_night = data.draw(nights())
    plan = valid_part(given_night, data.draw(plausible_plans_for(given_night)))
    event(f"{len(plan.routes)} routes")
    files = night_files(night_of(given_night, plan), TRAVEL)
    found = replay_plan(files["plan.json"])
    assert set(found["held"]) == {station.id for station in given_night.stations}
    sheet = list(csv.DictReader(io.StringIO(files["route_sheet.csv"].decode(), newline="")))
    breaks = sum(route.break_before is not None for route in plan.routes)
    assert len(sheet) == sum(len(route.stops) + 2 for route in plan.routes) + breaks
    left = json.loads(files["unserved.json"])
    assert all(entry["missing"] for entry in left["must_do"])
