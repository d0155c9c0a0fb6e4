"""
report.html of a night of e-cars: map, charging and tables on one page that asks nothing of the network.

All of it is drawn here, so the page says everything without JavaScript; the script adds zoom, cards and highlights. A
Content-Security-Policy lets in this page's own style and script, by hash, and forbids every request.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from optimiser.reporting import words
from optimiser.reporting.html import embedded, page_policy, template_environment, template_source
from optimiser.reporting.map import SIDE, frame_around
from optimiser.reporting.power_drawing import HEIGHT, LEFT, RIGHT, STEPS, WIDTH, tariff_range
from optimiser.reporting.relocation_figures import car_figures
from optimiser.reporting.relocation_night import RelocationNight
from optimiser.reporting.relocation_page import car_dots, driver_layers, framed, station_marks
from optimiser.reporting.relocation_power import power_profiles, stage_of
from optimiser.reporting.relocation_rows import (
    car_rows,
    cost_rows,
    driver_tables,
    figure_rows,
    unserved_groups,
    wish_rows,
)
from optimiser.reporting.relocation_unserved import unserved_wishes
from optimiser.reporting.relocation_words import STATES, clock, headline, quality, smart_charging
from optimiser.reporting.street_drawing import StreetLine, street_paths

PAGE = "relocation.html.jinja"
STREETS_BUDGET = 600_000
"""Characters of streets, so that the page can still be mailed."""
_TOLD = (
    *("id", "name", "x", "y", "planned", "before", "after", "ready_before", "ready_after", "wanted", "room"),
    *("cars_before", "cars_after", "plugs_in_words", "lost_before", "lost_after", "visits", "why"),
)
"""What the cards tell of a station."""


def relocation_html(night: RelocationNight, *, geojson: dict[str, Any], street_lines: Sequence[StreetLine]) -> str:
    """
    The whole report as one HTML page.

    Parameters
    ----------
    geojson
        `relocation_geojson` of the same night: its rides and drives are drawn.
    street_lines
        Drawn underneath; empty for a city without streets.
    """
    problem, fleet = night.problem, night.fleet
    before, plain, after = (
        car_figures(problem, timeline) for timeline in (night.timeline_before, night.timeline_plain, night.timeline)
    )
    entries = unserved_wishes(night)
    frame = frame_around(framed(night, geojson))
    marks = station_marks(night, frame, entries)
    style = "".join(map(template_source, ("report.css.jinja", "profiles.css.jinja", "relocation.css.jinja")))
    script = template_source("map.js.jinja") + template_source("relocation.js.jinja")
    start, end = night.local_time(0), night.local_time(problem.opening_s)
    cards = [{key: mark[key] for key in _TOLD if key in mark} for mark in marks]
    homes = dict.fromkeys(id_ for driver in problem.drivers for id_ in (driver.start_place_id, driver.end_place_id))
    bases = [night.places[id_] for id_ in homes if id_ not in problem.station_by_id]
    return (
        template_environment()
        .get_template(PAGE)
        .render(
            policy=page_policy(style, script),
            style=Markup(style),  # noqa: S704 - our own files
            script=Markup(script),  # noqa: S704
            data=embedded({"side": SIDE, "size": [frame.width, frame.height], "stations": cards}),
            night=night,
            fleet=fleet,
            problem=problem,
            result=night.result,
            day=words.day(start),
            offsets=sorted({moment.isoformat()[-6:] for moment in (start, end)}),
            as_of=fleet.as_of.astimezone(night.zone),
            opening=clock(night, problem.opening_s),
            headline=headline(before, after),
            quality=quality(night),
            before=before,
            after=after,
            figures=figure_rows(before, after, currency=fleet.currency),
            costs=cost_rows(night),
            saved_smartly=night.cost_plain.total - night.cost_after.total,
            smart=smart_charging(night, plain, after),
            profiles=power_profiles(night),
            chart={"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT},
            tariff=tariff_range(stage_of(night)),
            shades=STEPS,
            frame=frame,
            streets=street_paths(frame, street_lines, budget=STREETS_BUDGET),
            drivers=driver_layers(night, frame, geojson),
            tables=driver_tables(night),
            marks=marks,
            rows_of={mark["id"]: row for row, mark in enumerate(marks)},
            dots=car_dots(night, frame),
            bases=[(base.name, *frame.xy(base.lon, base.lat)) for base in bases],
            states=STATES,
            state_counts={
                moment: {state: sum(mark[moment] == state for mark in marks) for state in STATES}
                for moment in ("before", "after")
            },
            cars=car_rows(night),
            wishes=wish_rows(night),
            unserved=unserved_groups(night, entries),
        )
    )
