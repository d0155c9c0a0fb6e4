"""The report of a siting study in a real browser: it draws, it answers hand and keyboard, it asks for nothing."""

from __future__ import annotations

import zlib
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import shapely

from optimiser.reporting.siting_html import study_html
from optimiser.reporting.siting_outcome import outcome
from tests.ui.browser import Page, chromium
from tests.ui.test_report import card, centre, contrast
from tests.unit.reporting.siting_pages import AREA, STREETS, fronts
from tests.unit.reporting.siting_reports import LAT, LON, OUTLINES, small_study
from tests.unit.reporting.test_siting_html import NASTY


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study, with site names that try to break out, a front, an isochrone and outlines."""
    told, runs = fronts()
    known = {"street_lines": STREETS, "isochrones": {"B": AREA}, "outlines": OUTLINES}
    study = small_study(NASTY, **known, front=told, sensitivity=runs)
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(study_html(study, outcome(study)), encoding="utf-8")
    return path


@pytest.fixture
def page(report: Path, tmp_path: Path) -> Iterator[Page]:
    with chromium(tmp_path / "profile") as opened:
        opened.size(1400, 900)
        opened.open(report)
        yield opened


def test_the_script_ran_drew_everything_and_nothing_was_asked_of_the_network(page: Page, report: Path) -> None:
    assert page.value("({...document.documentElement.dataset})") == {"sites": "3", "ready": "true"}
    assert page.value("document.querySelectorAll('.demand circle').length") >= 3
    assert page.requests == [report.resolve().as_uri()]
    assert page.complaints == []


def test_nasty_names_are_shown_as_they_are(page: Page) -> None:
    page.mouse("mouseMoved", *centre(page, "#st-0"))
    assert NASTY["B"] in card(page)
    assert page.value("document.querySelector('h1').textContent") == NASTY["city"]
    assert page.value("document.querySelectorAll('script').length") == 2


def test_pointing_and_walking_fill_the_card_and_show_from_where_a_site_is_reached(page: Page) -> None:
    shown = "getComputedStyle(document.querySelector('.areas .area')).display"
    assert page.value(shown) == "none"
    page.click(*centre(page, "#st-0"))
    assert page.value("document.activeElement.id") == "st-0"
    assert "1 × Slow" in card(page)
    assert "A car park." in card(page)
    assert page.value(shown) == "inline"
    page.press("n")
    assert "2 × Slow" in card(page)
    assert page.value(shown) == "none"
    page.press("n")
    assert "there before" in card(page)
    page.press("p")
    assert "2 × Slow" in card(page)


def painted(page: Page, selector: str) -> str:
    """The colour of the pixel in the middle of what is drawn, as the screen has it."""
    x, y = centre(page, selector)
    clip = {"x": round(x), "y": round(y), "width": 1, "height": 1, "scale": 1}
    png = b64decode(page.call("Page.captureScreenshot", format="png", clip=clip)["data"])
    packed, at = b"", len(b"\x89PNG\r\n\x1a\n")
    while at < len(png):
        length, kind = int.from_bytes(png[at : at + 4]), png[at + 4 : at + 8]
        packed += png[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += length + 12
    # A filter's number comes before the one pixel.
    red, green, blue = zlib.decompress(packed)[1:4]
    return f"rgb({red}, {green}, {blue})"


def test_what_stood_before_is_hollow_so_that_it_is_told_apart_without_colour(page: Page) -> None:
    # Numbers in the middle of what is built are in the way.
    page.value("document.querySelectorAll('.map .site text').forEach(text => text.remove()) || 1")
    inside = [painted(page, f"#st-{row} use") for row in range(3)]
    card_colour = page.value("getComputedStyle(document.querySelector('.card')).backgroundColor")
    assert inside[2] == card_colour
    assert card_colour not in inside[:2]


def test_a_phase_fades_what_comes_later(page: Page) -> None:
    later = "[...document.querySelectorAll('.site.later')].map(site => site.id).sort()"
    assert page.value(later) == []
    page.click(*centre(page, "[data-upto='1']"))
    assert page.value(later) == ["st-1"]
    page.click(*centre(page, "[data-upto='0']"))
    assert page.value(later) == ["st-0", "st-1"]
    assert page.value("document.querySelector('[data-upto=\"0\"]').getAttribute('aria-pressed')") == "true"


def test_keys_zoom_and_move_and_a_link_in_a_table_leads_to_the_map(page: Page) -> None:
    def box() -> list[float]:
        return [float(part) for part in page.value("document.querySelector('.map').getAttribute('viewBox')").split()]

    whole = box()
    page.value("document.querySelector('.map').focus() || 1")
    page.press("+")
    assert box()[2] == pytest.approx(0.6 * whole[2])
    page.press("0")
    assert box() == pytest.approx(whole)
    page.value("document.querySelector('#sites a').click() || 1")
    assert page.value("document.activeElement.id") == "st-0"
    assert box()[2] < whole[2]


def test_whoever_hears_the_page_is_told_of_every_site_and_every_table(page: Page) -> None:
    tree = page.call("Accessibility.getFullAXTree")["nodes"]
    names = {(node.get("role", {}).get("value"), node.get("name", {}).get("value", "")) for node in tree}
    images = [name for role, name in names if role in {"image", "img"}]
    assert any(NASTY["C"] in name and "2 × Slow" in name for name in images)
    regions = {name for role, name in names if role == "region"}
    assert {"Key figures", "Phases and money", "Sites that are built", "Districts", "Plans on the front"} <= regions


@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_sideways_and_marks_stand_out(page: Page, width: int, scheme: str) -> None:
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    page.size(width, 844)
    assert page.value("document.documentElement.scrollWidth") <= width
    colours = page.value(
        "['.stage', '#st-0 text'].map((at, row) => getComputedStyle(document.querySelector(at))"
        "[row ? 'fill' : 'backgroundColor']).concat(getComputedStyle(document.querySelector('#st-0')).color)"
    )
    ground, sign, ink = colours
    mark = page.value(
        "(() => { const probe = document.createElement('i'); document.querySelector('.legend .k0').before(probe);"
        "const read = getComputedStyle(document.querySelector('#st-0')).getPropertyValue('--mark');"
        "probe.className = 'probe'; const style = new CSSStyleSheet(); style.replaceSync(`.probe { color: ${read} }`);"
        "document.adoptedStyleSheets = [style]; return getComputedStyle(probe).color; })()"
    )
    assert contrast(mark, ground) >= 3
    assert contrast(mark, sign) >= 4.5
    assert contrast(ink, ground) >= 7


def levels(page: Page) -> float:
    """How high the one grid node is filled, of eleven."""
    return float(page.value("document.querySelector('.map .level').getAttribute('height')"))


def test_a_grid_node_is_filled_by_phase_and_told_to_hand_and_keyboard(page: Page) -> None:
    # Ten of 15 kW before, 20 of 35 kW from the first phase on.
    assert levels(page) == pytest.approx(11 * 20 / 35, abs=0.01)
    page.click(*centre(page, "[data-upto='0']"))
    assert levels(page) == pytest.approx(11 * 10 / 15, abs=0.01)
    page.value("document.querySelector('#map').scrollIntoView() || 1")
    page.mouse("mouseMoved", *centre(page, "#gn-0"))
    assert "grid node, 20 of 35 kW held ready" in card(page)
    assert "phase 1: 20 of 35 kW, upgraded" in card(page)
    page.value("document.querySelector('#st-2').focus() || 1")
    page.press("n")
    assert page.value("document.activeElement.id") == "gn-0"
    page.press("n")
    assert page.value("document.activeElement.id") == "st-0"


def test_layers_can_be_switched_off_and_what_is_off_is_not_walked_to(page: Page) -> None:
    drawn = "[...document.querySelectorAll('.map .borders, .map .names, .map .excluded, .map .nodes')]"
    shown = f"{drawn}.filter(one => getComputedStyle(one).display !== 'none').map(one => one.className.baseVal).sort()"
    assert page.value(shown) == ["borders", "excluded", "names", "nodes"]
    for layer, left in (
        ("nodes", ["borders", "excluded", "names"]),
        ("excluded", ["borders", "names"]),
        ("districts", []),
    ):
        page.click(*centre(page, f"#show-{layer}"))
        assert page.value(shown) == left
    page.value("document.querySelector('#st-2').focus() || 1")
    page.press("n")
    assert page.value("document.activeElement.id") == "st-0"
    page.value("document.querySelector('#show-nodes').focus() || 1")
    page.press(" ")
    assert page.value(shown) == ["nodes"]


def test_hatching_and_names_keep_their_size_and_names_wait_for_room(page: Page, tmp_path: Path) -> None:
    # Forty metres are some 900 of 20,000 units: room for six letters now, and for fewer than four further out.
    narrow = shapely.box(LON, LAT - 0.001, LON + 0.00025, LAT + 0.001)
    study = small_study(outlines=replace(OUTLINES, districts={"west": narrow}))
    path = tmp_path / "narrow.html"
    path.write_text(study_html(study, outcome(study)), encoding="utf-8")
    page.open(path)
    height = "document.querySelector('.name text').getBoundingClientRect().height"
    hatch = "Number(document.querySelector('#hatch').getAttribute('patternTransform').match(/scale\\(([\\d.]+)/)[1])"
    pixel = "document.querySelector('.map').viewBox.baseVal.width / document.querySelector('.map').clientWidth"
    before, tall = page.value(hatch), page.value(height)
    assert before == pytest.approx(page.value(pixel))
    page.value("document.querySelector('.map').focus() || 1")
    page.press("+")
    assert page.value(hatch) == pytest.approx(0.6 * before) == pytest.approx(page.value(pixel))
    assert page.value(height) == pytest.approx(tall, rel=0.05)
    shown = "getComputedStyle(document.querySelector('.name')).display"
    assert page.value(shown) == "inline"
    for _ in range(3):
        page.press("-")
    assert page.value(shown) == "none"


def test_borders_hatching_and_grid_stand_out_and_are_in_the_tree_of_who_hears_the_page(page: Page) -> None:
    tree = page.call("Accessibility.getFullAXTree")["nodes"]
    named = [
        (node.get("role", {}).get("value"), node.get("name", {}).get("value", ""))
        for node in tree
        if not node.get("ignored")
    ]
    assert ("image", "Nothing may be built: Old town") in named
    assert any(role == "image" and name.startswith("Grid node G, power held ready") for role, name in named)
    boxes = [name for role, name in named if role == "checkbox"]
    assert [name.rstrip(" 0123456789") for name in boxes] == [
        "border of a district",
        "nothing may be built",
        "grid node, filled as far as its power is held ready",
    ]


def over(colour: str, ground: str, opacity: float) -> str:
    """What an `rgb(r, g, b)` colour looks like on another one."""
    parts = [[int(part) for part in its.removeprefix("rgb(").removesuffix(")").split(",")] for its in (colour, ground)]
    mixed = (round(opacity * one + (1 - opacity) * other) for one, other in zip(*parts, strict=True))
    return f"rgb({', '.join(map(str, mixed))})"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_drawn_of_the_city_is_told_apart_without_colour(page: Page, scheme: str) -> None:
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    style = "getComputedStyle(document.querySelector('.map {}')).{}"
    ground = page.value("getComputedStyle(document.querySelector('.stage')).backgroundColor")
    for of, what, least in (
        (".borders", "stroke", 3),
        (".excluded path", "stroke", 3),
        (".case", "stroke", 3),
        (".level", "fill", 7),
        (".name text", "fill", 7),
    ):
        opacity = float(page.value(style.format(of, f"{what}Opacity")))
        assert contrast(over(page.value(style.format(of, what)), ground, opacity), ground) >= least, of
    assert page.value(style.format(".borders", "strokeDasharray")) != "none"
    assert "hatch" in page.value(style.format(".excluded path", "fill"))


def test_a_print_has_what_is_switched_on_and_no_boxes(page: Page) -> None:
    page.click(*centre(page, "#show-excluded"))
    page.click(*centre(page, "[data-upto='0']"))
    page.call("Emulation.setEmulatedMedia", media="print")
    shown = "[...document.querySelectorAll('.layers li, .layers input')].filter(one => one.checkVisibility()).length"
    assert page.value(shown) == 2
    assert page.value("getComputedStyle(document.querySelector('.map .excluded')).display") == "none"
    assert page.value("getComputedStyle(document.querySelector('.map .borders')).display") != "none"
    # A print has all sites, so the grid is as it is in the end: 20 of 35 kW instead of 10 of 15.
    page.value("window.dispatchEvent(new Event('beforeprint')) || 1")
    assert levels(page) == pytest.approx(11 * 20 / 35, abs=0.01)
    page.value("window.dispatchEvent(new Event('afterprint')) || 1")
    assert levels(page) == pytest.approx(11 * 10 / 15, abs=0.01)
