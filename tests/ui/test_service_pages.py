"""The pages of the running service in a real browser: they show themselves, and ask nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.running import RunningService
from tests.ui.browser import Page, chromium


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    with RunningService(tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with chromium(tmp_path / "profile") as opened:
        opened.size(1200, 1000)
        yield opened


def address_of(service: RunningService) -> str:
    return str(service.http.base_url).rstrip("/")


def test_the_api_page_lists_every_endpoint_and_asks_no_other_host(service: RunningService, page: Page) -> None:
    address = address_of(service)
    page.open(f"{address}/docs")
    page.wait_for("document.querySelectorAll('.opblock').length > 5")
    shown = page.value("document.querySelectorAll('.opblock').length")
    described = service.http.get("/openapi.json").json()
    sections = (*described["paths"].values(), *described["webhooks"].values())
    assert shown == sum(len(operations) for operations in sections)
    assert [url for url in page.requests if not url.startswith((address, "data:"))] == []
    assert page.complaints == []


def test_a_report_from_the_service_draws_itself(service: RunningService, page: Page) -> None:
    plan = service.submit({"city": "paris-8e", "limits": {"seconds": 1}})
    service.wait_until(plan["id"], "succeeded")
    page.open(f"{address_of(service)}/v1/rebalancing-plans/{plan['id']}/export.html")
    page.wait_for("document.documentElement.dataset.ready === 'true'")
    assert page.value("document.querySelector('h1').textContent") == "Paris 8e"
    assert len(page.requests) <= 2, "the page itself, and what a browser asks of every site: its icon"
