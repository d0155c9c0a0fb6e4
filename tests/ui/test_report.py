"""report.html in a real browser: it draws, it answers hand and keyboard, and it asks nothing of the network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from optimiser.network.straight_line import StraightLine
from optimiser.reporting.files import night_files
from tests.ui.browser import Page, chromium
from tests.unit.reporting.nights import small_night
from tests.unit.reporting.test_html import NASTY, STREETS
from tests.unit.test_recharging import charged


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small night, with station names that try to break out."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    travel = StraightLine(circuity=1.3, speed_kmh=25)
    path.write_bytes(night_files(small_night(NASTY), travel, STREETS)["report.html"])
    return path


@pytest.fixture
def page(report: Path, tmp_path: Path) -> Iterator[Page]:
    with chromium(tmp_path / "profile") as opened:
        opened.size(1400, 900)
        opened.open(report)
        yield opened


def centre(page: Page, selector: str) -> tuple[float, float]:
    box = page.value(
        f"(({{x, y, width, height}}) => [x + width / 2, y + height / 2])"
        f"(document.querySelector({selector!r}).getBoundingClientRect())"
    )
    return box[0], box[1]


def card(page: Page) -> str:
    return page.value("document.querySelector('#card').innerText")


def test_the_script_ran_drew_everything_and_nothing_was_asked_of_the_network(page: Page, report: Path) -> None:
    assert page.value("({...document.documentElement.dataset})") == {"stations": "4", "stops": "2", "ready": "true"}
    assert page.value("document.querySelectorAll('.way').length") == 3
    assert page.value("document.querySelectorAll('.streets path').length") >= 2
    assert page.requests == [report.resolve().as_uri()]
    assert page.complaints == []


def test_nasty_names_are_shown_as_they_are(page: Page) -> None:
    page.mouse("mouseMoved", *centre(page, "#st-0"))
    assert NASTY["A"] in card(page)
    assert page.value("document.querySelector('h1').textContent") == NASTY["city"]
    assert page.value("document.querySelectorAll('script').length") == 2


def test_the_policy_stops_whatever_tries_to_load(page: Page) -> None:
    """The page is made to want a picture; no answer could ever come in, and the browser says why."""
    page.value("document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.1:9/x.png'})) || 1")
    page.value("1")
    assert any("Content Security Policy" in text for text in page.complaints)


def test_pointing_clicking_and_walking_fill_the_card(page: Page) -> None:
    page.mouse("mouseMoved", *centre(page, "#st-1"))
    assert "0 → 4 bikes" in card(page)
    assert "van-1, stop 2: 22:07–22:09, drops off 4, 1 bike on board after" in card(page)
    page.click(*centre(page, "#st-2"))
    assert page.value("document.activeElement.id") == "st-2"
    page.value("document.querySelector('.map').focus() || 1")
    # From C, the last station in driving order before the one left out, on to that one and round to stop 1.
    page.press("n")
    assert "412 m from the nearest street" in card(page)
    page.press("n")
    assert "9 → 4 bikes" in card(page)
    page.press("p")
    assert "412 m" in card(page)


def test_keys_and_mouse_zoom_and_move_and_zero_shows_all(page: Page) -> None:
    def box() -> list[float]:
        return [float(part) for part in page.value("document.querySelector('.map').getAttribute('viewBox')").split()]

    whole = box()
    page.value("document.querySelector('.map').focus() || 1")
    page.press("+")
    assert box()[2] == pytest.approx(0.6 * whole[2])
    near = box()
    page.press("ArrowRight")
    assert box()[0] > near[0]
    x, y = centre(page, ".map")
    before = box()
    page.mouse("mousePressed", x, y, button="left", clickCount=1)
    page.mouse("mouseMoved", x + 50, y, button="left", buttons=1)
    page.mouse("mouseReleased", x + 50, y, button="left", clickCount=1)
    assert box()[0] < before[0]
    page.mouse("mouseWheel", x, y, deltaX=0, deltaY=-60)
    assert box()[2] < before[2]
    page.press("0")
    assert box() == pytest.approx(whole)


def test_before_and_after_swap_the_marks_and_a_van_can_be_picked_out(page: Page) -> None:
    shown = "getComputedStyle(document.querySelector('#st-0 .{}')).display !== 'none'"
    assert (page.value(shown.format("when-before")), page.value(shown.format("when-after"))) == (False, True)
    page.click(*centre(page, "label[for=show-before]"))
    assert (page.value(shown.format("when-before")), page.value(shown.format("when-after"))) == (True, False)
    page.click(*centre(page, "[data-highlight]"))
    assert page.value("document.querySelector('[data-highlight]').getAttribute('aria-pressed')") == "true"
    assert page.value("document.querySelector('#show-after').checked") is True


def test_where_stations_crowd_marks_step_back_and_stop_numbers_wait_for_a_van_to_be_picked(page: Page) -> None:
    """Four stations on a map some 40 pixels high are a crowd; on the whole screen they are not."""
    number = "getComputedStyle(document.querySelector('.badge')).display"
    scale = "parseFloat(document.querySelector('.map').style.getPropertyValue('--k'))"
    pixel = "parseFloat(document.querySelector('.map').style.getPropertyValue('--pixel'))"
    assert page.value(number) == "inline"
    assert page.value(f"{scale} / {pixel}") == pytest.approx(1)
    page.value("(document.querySelector('.stage').style.cssText = 'width:60px;min-height:0;height:40px') && 1")
    assert page.value(number) == "none"
    assert page.value(f"{scale} / {pixel}") < 0.6
    page.value("document.querySelector('[data-highlight]').click() || 1")
    assert page.value(number) == "inline"


@pytest.mark.parametrize("width", [390, 800, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_sideways_and_labels_stay_in_sight(page: Page, width: int, scheme: str) -> None:
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    page.size(width, 844)
    assert page.value("document.documentElement.scrollWidth") <= width
    for y in (0, 600):
        page.value(f"window.scrollTo(0, {y}) || 1")
        bottom = page.value("document.querySelector('.labels').getBoundingClientRect().bottom")
        assert bottom <= 844 + 1
    ink, paper = page.value(
        "['color', 'backgroundColor'].map(name => getComputedStyle(document.documentElement)[name])"
    )
    assert contrast(ink, paper) >= 7


def test_without_javascript_map_and_tables_are_there(page: Page, report: Path) -> None:
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.open(report)
    document = page.call("DOM.getDocument", depth=0)["root"]["nodeId"]
    drawn = page.call("DOM.querySelectorAll", nodeId=document, selector="svg .station .pin")["nodeIds"]
    assert len(drawn) == 4 * 3
    station = page.call("DOM.querySelector", nodeId=document, selector="#st-0 .when-after")["nodeId"]
    assert page.call("DOM.getBoxModel", nodeId=station)["model"]["width"] > 5
    rows = page.call("DOM.querySelectorAll", nodeId=document, selector="#routes tbody tr")["nodeIds"]
    assert len(rows) == 4


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio of two `rgb(r, g, b)` colours."""

    def luminance(colour: str) -> float:
        parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def test_packs_at_the_depots_are_drawn_and_told(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    travel = StraightLine(circuity=1.3, speed_kmh=25)
    path.write_bytes(night_files(charged(small_night(NASTY)), travel, STREETS)["report.html"])
    with chromium(tmp_path / "profile") as page:
        page.size(1400, 900)
        page.open(path)
        assert page.value("document.querySelectorAll('#batteries figure').length") == 1
        # What is planned is filled, what would be at once is a line.
        assert page.value("getComputedStyle(document.querySelector('#batteries figure .smart')).fill") != "none"
        assert page.value("getComputedStyle(document.querySelector('#batteries figure .plain')).fill") == "none"
        assert "3 of 3 packs that come empty are full by 22:00" in page.value(
            "document.querySelector('#batteries').innerText"
        )
        assert page.requests == [path.resolve().as_uri()]
        assert page.complaints == []
