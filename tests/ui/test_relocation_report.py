"""The page of a night of e-cars in a real browser: it draws, it answers hand and keyboard, it asks for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.browser import Page, chromium
from tests.ui.test_report import card, centre, contrast
from tests.unit.reporting.test_relocation_page import NASTY, nasty_night
from tests.unit.reporting.test_relocation_page import page as page_of


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The night that was counted by hand, with names that try to break out."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(page_of(nasty_night()), encoding="utf-8")
    return path


@pytest.fixture
def page(report: Path, tmp_path: Path) -> Iterator[Page]:
    with chromium(tmp_path / "profile") as opened:
        opened.size(1400, 900)
        opened.open(report)
        yield opened


def test_the_script_ran_drew_everything_and_nothing_was_asked_of_the_network(page: Page, report: Path) -> None:
    assert page.value("({...document.documentElement.dataset})") == {"stations": "3", "jobs": "3", "ready": "true"}
    assert page.value("document.querySelectorAll('.way.drive').length") == 3
    assert page.value("document.querySelectorAll('.streets path').length") >= 2
    assert page.requests == [report.resolve().as_uri()]
    assert page.complaints == []


def test_nasty_names_are_shown_as_they_are(page: Page) -> None:
    page.mouse("mouseMoved", *centre(page, "#st-1"))
    assert NASTY["station"] in card(page)
    assert page.value("document.querySelector('h1').textContent") == NASTY["city"]
    assert page.value("document.querySelectorAll('script').length") == 2


def test_pointing_and_walking_fill_the_card(page: Page) -> None:
    page.click(*centre(page, "#st-1"))
    assert page.value("document.activeElement.id") == "st-1"
    assert "0 → 2 ready · wanted 1 or more" in card(page)
    assert f"job 3: 01:04, brings {NASTY['car']}" in card(page)
    page.value("document.querySelector('.map').focus() || 1")
    # From b, which is reached by job 2, on to the first station in the order of jobs: a, then the hub, then b.
    seen = []
    for _ in range(3):
        page.press("n")
        seen.append(page.value("document.activeElement.id"))
    assert sorted(seen) == ["st-0", "st-1", "st-2"]
    page.value("document.querySelector('#st-2').focus() || 1")
    assert "Plugs: 1 × 11 kW type2, 11 kW in all at most" in card(page)
    assert "on plug p1" in card(page)


def test_before_and_after_swap_the_marks_and_a_driver_can_be_picked_out(page: Page) -> None:
    shown = "getComputedStyle(document.querySelector('#st-1 .{}')).display !== 'none'"
    assert (page.value(shown.format("when-before")), page.value(shown.format("when-after"))) == (False, True)
    page.click(*centre(page, "label[for=show-before]"))
    assert (page.value(shown.format("when-before")), page.value(shown.format("when-after"))) == (True, False)
    assert page.value("getComputedStyle(document.querySelector('.routes .van')).display") == "none"
    page.click(*centre(page, "[data-highlight]"))
    assert page.value("document.querySelector('[data-highlight]').getAttribute('aria-pressed')") == "true"
    assert page.value("document.querySelector('#show-after').checked") is True


def test_a_link_in_a_table_leads_to_the_map(page: Page) -> None:
    box = "document.querySelector('.map').getAttribute('viewBox').split(' ').map(Number)[2]"
    whole = page.value(box)
    page.value("document.querySelector('#routes a').click() || 1")
    assert page.value("document.activeElement.id") == "st-0"
    assert page.value(box) < whole


def test_rides_are_dashed_and_drives_are_not(page: Page) -> None:
    dashes = "getComputedStyle(document.querySelector('.routes .{}')).strokeDasharray"
    assert page.value(dashes.format("drive")) == "none"
    assert page.value(dashes.format("ride")) != "none"


def test_whoever_hears_the_page_is_told_of_every_station_every_power_and_every_table(page: Page) -> None:
    tree = page.call("Accessibility.getFullAXTree")["nodes"]
    names = {(node.get("role", {}).get("value"), node.get("name", {}).get("value", "")) for node in tree}
    images = [name for role, name in names if role in {"image", "img"}]
    assert any(NASTY["station"] in name and "0 ready before, 2 after" in name for name in images)
    assert any(name.startswith("Power at ") and "at most 11.0 kW as planned" in name for name in images)
    regions = {name for role, name in names if role == "region"}
    assert {"Key figures", "Parts of the cost", f"Sheet of {NASTY['driver']}"} <= regions


def test_without_script_everything_is_there(page: Page, report: Path) -> None:
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.open(report)
    page.call("Emulation.setScriptExecutionDisabled", value=False)
    assert page.value("document.documentElement.classList.contains('js')") is False
    assert page.value("document.querySelector('#routes table').offsetHeight") > 100
    assert page.value("document.querySelector('figure .profile').getBoundingClientRect().height") > 50
    assert page.value("getComputedStyle(document.querySelector('#card')).display") == "none"


@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_sideways_and_marks_stand_out(page: Page, width: int, scheme: str) -> None:
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    page.size(width, 844)
    page.value("document.querySelectorAll('details').forEach(one => { one.open = true; }) || 1")
    assert page.value("document.documentElement.scrollWidth") <= width
    ground = page.value("getComputedStyle(document.querySelector('.stage')).backgroundColor")
    fills = page.value(
        "['deficit', 'fine', 'hub', 'bolt']"
        ".map(name => getComputedStyle(document.querySelector(`symbol .${name}`)).fill)"
    )
    for fill in fills:
        assert contrast(fill, ground) >= 3
    paper = page.value("getComputedStyle(document.documentElement).backgroundColor")
    plain, cap = page.value(
        "['.plain', '.cap'].map(at => getComputedStyle(document.querySelector('figure ' + at)).stroke)"
    )
    assert contrast(plain, paper) >= 3
    assert contrast(cap, paper) >= 4.5
