"""backtest.html in a real browser: it draws, fits a phone, and asks nothing of the network."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from optimiser.backtest import backtest
from optimiser.demand.station_targets import DemandSettings
from optimiser.reporting.backtest_page import backtest_html
from tests.pasts import at_midnight, city_of, generated
from tests.ui.browser import Page, chromium


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three nights of a generated past, the last of them without anything known."""
    history = generated(days=24).history
    nights = [at_midnight(day) + timedelta(hours=23) for day in (17, 18, 60)]
    result = backtest(city_of(history), history, nights, settings=DemandSettings(), draws=1)
    path = tmp_path_factory.mktemp("backtest") / "backtest.html"
    path.write_text(backtest_html(result, city_of(history), first=nights[0], last=nights[-1]), encoding="utf-8")
    return path


@pytest.fixture
def page(judged: Path, tmp_path: Path) -> Iterator[Page]:
    with chromium(tmp_path / "profile") as opened:
        opened.size(1250, 900)
        opened.open(judged)
        yield opened


def test_everything_is_drawn_and_nothing_is_asked_of_the_network(page: Page, judged: Path) -> None:
    assert page.value("document.querySelectorAll('.bar').length") == 8
    assert page.value("document.querySelectorAll('svg').length") == 6
    assert page.value("document.querySelectorAll('.dot').length") > 5
    assert page.value("document.querySelector('h2:last-of-type').textContent") == "Nights that could not be judged"
    # The style sheet was let in by its hash.
    assert page.value("getComputedStyle(document.querySelector('.bar.unlimited')).fill") == "rgb(31, 107, 80)"
    assert page.requests == [judged.resolve().as_uri()]
    assert page.complaints == []


def test_labels_stay_within_their_drawings(page: Page) -> None:
    outside = page.value(
        "[...document.querySelectorAll('svg text')].filter(text => {"
        "const box = text.getBoundingClientRect(), frame = text.ownerSVGElement.getBoundingClientRect();"
        "return box.left < frame.left - 1 || box.right > frame.right + 1}).map(text => text.textContent)"
    )
    assert outside == []


def test_a_phone_scrolls_tables_not_the_page(page: Page) -> None:
    page.size(390, 800)
    page.wait_for("innerWidth === 390")
    assert page.value("document.documentElement.scrollWidth") <= 390
