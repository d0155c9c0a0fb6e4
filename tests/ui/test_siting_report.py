"""The report of a siting study in a real browser: it draws, it answers hand and keyboard, it asks for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from optimiser.reporting.siting_html import study_html
from optimiser.reporting.siting_outcome import outcome
from tests.ui.browser import Page, chromium
from tests.ui.test_report import card, centre, contrast
from tests.unit.reporting.siting_reports import small_study
from tests.unit.reporting.test_siting_html import AREA, NASTY, STREETS, fronts


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study, with site names that try to break out, a front and an isochrone."""
    told, runs = fronts()
    study = small_study(NASTY, street_lines=STREETS, isochrones={"B": AREA}, front=told, sensitivity=runs)
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
