"""
report.html: the night on one page that asks nothing of the network.

Map, figures and tables are drawn here, so the page says everything without JavaScript; the script adds
zoom, cards and highlights. A Content-Security-Policy lets in this page's own style and script, by hash, and
forbids every request, whatever a station is called.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup

from optimiser.reporting import words
from optimiser.reporting.battery_charging import battery_profiles, battery_sentences, battery_stage
from optimiser.reporting.key_figures import figure_rows, key_figures
from optimiser.reporting.map import SIDE, frame_around
from optimiser.reporting.night import Night
from optimiser.reporting.page import (
    balances,
    cost_parts,
    route_tables,
    search_trace,
    station_marks,
    unserved_groups,
    van_layers,
    wish_rows,
)
from optimiser.reporting.power_drawing import HEIGHT, LEFT, RIGHT, STEPS, WIDTH, tariff_range
from optimiser.reporting.street_drawing import StreetLine, street_paths
from optimiser.reporting.unserved import unserved

PAGE = "report.html.jinja"


def report_html(night: Night, *, geojson: dict[str, Any], street_lines: Sequence[StreetLine]) -> str:
    """
    The whole report as one HTML page.

    Parameters
    ----------
    geojson
        `routes_geojson` of the same night: its legs are drawn.
    street_lines
        Drawn underneath; empty for a city without streets. Simplified to a budget of characters that
        shrinks as stations grow in number, so that the page of a large city can still be mailed.
    """
    figures = key_figures(night)
    entries = unserved(night)
    frame = frame_around(_framed(night, geojson))
    vans = van_layers(night, frame, geojson)
    stations = station_marks(night, frame, entries)
    # A city without packs keeps its page as it is.
    style = template_source("report.css.jinja") + (template_source("profiles.css.jinja") if night.batteries else "")
    script = template_source("map.js.jinja") + template_source("report.js.jinja")
    start, end = night.local_time(0), night.local_time(max((r.end_s for r in night.timeline.routes), default=0))
    return (
        template_environment()
        .get_template(PAGE)
        .render(
            policy=page_policy(style, script),
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704
            data=embedded({"side": SIDE, "size": [frame.width, frame.height], **_card_data(stations)}),
            city=night.city,
            night=night,
            result=night.result,
            day=words.day(start),
            start=start,
            offsets=sorted({moment.isoformat()[-6:] for moment in (start, end)}),
            as_of=night.snapshot.as_of.astimezone(night.zone),
            headline=words.headline(figures),
            quality=words.quality(night),
            figures=figures,
            rows=figure_rows(figures, currency=night.city.currency),
            balances=balances(figures),
            trace=search_trace(night),
            frame=frame,
            streets=street_paths(frame, street_lines, budget=max(250_000, 750_000 - 500 * len(stations))),
            vans=vans,
            stations=stations,
            depots=[(depot, *frame.xy(depot.lon, depot.lat)) for depot in night.depots],
            states=words.STATES,
            state_counts={
                moment: {state: sum(mark[moment] == state for mark in stations) for state in words.STATES}
                for moment in ("before", "after")
            },
            routes=route_tables(night),
            wishes=wish_rows(night),
            costs=cost_parts(night),
            unserved=unserved_groups(entries),
            packs=battery_sentences(night),
            profiles=battery_profiles(night),
            chart={"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT},
            tariff=None if night.batteries is None else tariff_range(battery_stage(night, night.batteries)),
            shades=STEPS,
        )
    )


def _framed(night: Night, geojson: dict[str, Any]) -> list[tuple[float, float]]:
    """What the map must show: stations that take part, depots, routes; a station left out may be far away."""
    places = [night.place_of_station[station.id] for station in night.stations]
    points = [(place.lon, place.lat) for place in places] + [(depot.lon, depot.lat) for depot in night.depots]
    for feature in geojson["features"]:
        if feature["properties"]["kind"] == "leg":
            points += [(lon, lat) for lon, lat in feature["geometry"]["coordinates"]]
    return points or [(place.lon, place.lat) for place in night.city.stations] or [(0.0, 0.0)]


SHARED = "profiles.html.jinja"
"""Template that pages of nights take in."""


@cache
def template_environment() -> jinja2.Environment:
    """Templates of this room, with the words that reports use as filters."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("optimiser.reporting"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": words.number,
        "figure": words.figure,
        "signed": words.signed,
        "trips": words.trips,
        "counted": words.counted,
        "sentences": words.sentences,
        "clock": words.clock,
    }
    return environment


@cache
def template_source(name: str) -> str:
    """A template's text, unrendered."""
    environment = template_environment()
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0].replace("\r\n", "\n")


def page_policy(style: str, script: str) -> str:
    """Nothing may be loaded or sent; the page's own style and script run, nothing else does."""

    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    return (
        f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _card_data(stations: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What the cards tell, each long sentence once: stations hold its place in `texts`."""
    texts: dict[str, int] = {}
    drawn_only = {"size_before", "size_after"}
    told = [
        {
            key: texts.setdefault(value, len(texts)) if key in {"why", "target_why"} else value
            for key, value in station.items()
            if key not in drawn_only
        }
        for station in stations
    ]
    return {"stations": told, "texts": list(texts)}


def embedded(data: object) -> Markup:
    """JSON that can stand inside <script>: no character in it can end the element or start another."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in ("<", ">", "&", "\u2028", "\u2029"):
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - escaped above
