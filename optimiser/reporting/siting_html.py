"""
report.html of a siting study: map, figures and tables on one page that asks nothing of the network.

All of it is drawn here, so the page says everything without JavaScript; the script adds zoom, cards and phases. A
Content-Security-Policy lets in this page's own style and script, by hash, and forbids every request.
"""

from __future__ import annotations

from markupsafe import Markup

from optimiser.reporting.html import embedded, page_policy, template_environment, template_source
from optimiser.reporting.map import SIDE, frame_around
from optimiser.reporting.siting_car_night_page import car_night_shown
from optimiser.reporting.siting_front_page import comparison_rows, front_chart
from optimiser.reporting.siting_ground import border_path, excluded_areas, node_marks
from optimiser.reporting.siting_names import district_names
from optimiser.reporting.siting_nights_page import nights_shown
from optimiser.reporting.siting_outcome import Outcome
from optimiser.reporting.siting_page import (
    SHAPES,
    STEP_WORDS,
    areas,
    candidates_path,
    demand_marks,
    district_rows,
    figure_rows,
    framed,
    phase_parts,
    site_marks,
    wait_limits,
    worst_share,
)
from optimiser.reporting.siting_shares import percent
from optimiser.reporting.siting_sites import unit_of
from optimiser.reporting.siting_stability import stability_rows
from optimiser.reporting.siting_study import Study
from optimiser.reporting.siting_unserved import REASONS
from optimiser.reporting.siting_words import conflicts_shown, headline, limits_in_words, quality
from optimiser.reporting.street_drawing import street_paths

STREETS_BUDGET = 600_000
"""Characters of streets, so that the page can still be mailed."""


def study_html(study: Study, told: Outcome) -> str:
    """The whole report as one HTML page."""
    frame = frame_around(framed(study, told))
    marks = site_marks(study, told, frame)
    style = template_source("report.css.jinja") + template_source("siting.css.jinja")
    script = template_source("map.js.jinja") + template_source("siting.js.jinja")
    candidates, candidate_count = candidates_path(told, frame)
    drawn = ("id", "name", "x", "y", "phase", "state", "plugs", "lines", "why")
    cards = [{key: mark[key] for key in drawn} for mark in marks]
    nodes, shown = node_marks(study, told, frame), ("id", "x", "y", "state", "lines", "levels")
    node_cards = [{key: mark[key] for key in shown} for mark in nodes]
    used = sorted({mark["shape"] for mark in marks})
    return (
        template_environment()
        .get_template("siting.html.jinja")
        .render(
            policy=page_policy(style, script),
            style=Markup(style),  # noqa: S704 - our own files
            script=Markup(script),  # noqa: S704
            data=embedded({"side": SIDE, "size": [frame.width, frame.height], "sites": cards, "nodes": node_cards}),
            study=study,
            problem=study.problem,
            result=study.result,
            told=told,
            unit=unit_of(study),
            plugs_built=sum(sum(site.new_plugs.values()) for site in told.built),
            extended=sum(site.state == "extended" for site in told.built),
            worst_share=worst_share(told),
            worst_name={item.id: item.name for item in told.districts}.get(told.equity.worst_district or ""),
            headline=headline(study, told),
            conflicts=conflicts_shown(study),
            quality=quality(study),
            limits=[] if study.limits is None else limits_in_words(study.limits),
            figures=figure_rows(study, told),
            frame=frame,
            streets=street_paths(frame, study.street_lines, budget=STREETS_BUDGET),
            demand=demand_marks(study, told, frame),
            steps=STEP_WORDS,
            areas=areas(study, marks, frame),
            borders=border_path(study, frame),
            district_names=district_names(study, [*marks, *nodes], frame),
            district_count=len(study.outlines.districts),
            excluded=excluded_areas(study, frame),
            nodes=nodes,
            candidates=candidates,
            candidate_count=candidate_count,
            marks=marks,
            shapes=[
                (shape, [kind.name for number, kind in enumerate(study.problem.kinds) if number % SHAPES == shape])
                for shape in used
            ],
            has_existing=any(not mark["is_built"] for mark in marks),
            phases=phase_parts(study, told),
            idle_nodes=sum(node.held_kw <= 0 and node.upgraded_in is None for node in told.grid),
            districts=district_rows(study, told),
            reasons=REASONS,
            wait_limits=wait_limits(study, told),
            percent=percent,
            nights=None if study.bike_nights is None else nights_shown(study, study.bike_nights),
            car_night=None if study.car_night is None else car_night_shown(study, study.car_night),
            front=None if study.front is None else front_chart(study, study.front),
            comparison=None if study.comparison is None else comparison_rows(study, study.comparison),
            stability=None if study.sensitivity is None else stability_rows(study, study.sensitivity),
        )
    )
