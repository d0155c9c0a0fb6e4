"""PostgreSQL behind a bad line: slow, cut, or open and silent; no request hangs, and the API recovers by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from service.app import create_app, prepare_storage
from service.settings import Settings
from tests.chaos.proxy import Proxy
from tests.service.backends import create_database
from tests.service.cities import tiny_request

PLANS = "/v1/rebalancing-plans"


@pytest.fixture
def line(postgresql: str, tmp_path: Path) -> Iterator[tuple[Proxy, TestClient]]:
    url = sa.make_url(create_database(postgresql))
    prepare_storage(Settings(data_dir=tmp_path, db_url=url.render_as_string(hide_password=False)))
    proxy = Proxy(Path(str(url.query["host"])) / ".s.PGSQL.5432")
    through = f"postgresql+psycopg://postgres@127.0.0.1:{proxy.port}/{url.database}"
    app = create_app(Settings(data_dir=tmp_path, db_url=through))
    with TestClient(app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 50_000)) as client:
        assert client.get(PLANS).status_code == 200
        yield proxy, client
    proxy.is_silent = False
    proxy.close()


def test_a_slow_line_only_makes_answers_slow(line: tuple[Proxy, TestClient]):
    proxy, client = line
    proxy.latency_s = 0.2
    answer = client.post(PLANS, json=tiny_request())
    assert answer.status_code == 202
    assert client.get(answer.headers["location"]).json()["status"] == "queued"


def test_lines_that_are_cut_are_replaced_without_anybody_noticing(line: tuple[Proxy, TestClient]):
    proxy, client = line
    for number in range(5):
        proxy.cut()
        assert client.post(PLANS, json=tiny_request(seed=number)).status_code == 202
    assert len(client.get(PLANS).json()["items"]) == 5


def test_a_silent_line_costs_an_answer_503_within_15_s_and_nothing_afterwards(line: tuple[Proxy, TestClient]):
    proxy, client = line
    proxy.is_silent = True
    begun_s = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: client.get(PLANS), range(4)))
    assert time.monotonic() - begun_s < 15
    assert [answer.status_code for answer in answers] == [503] * 4
    assert all(answer.json()["code"] == "unavailable" and answer.headers["retry-after"] for answer in answers)

    proxy.is_silent = False
    proxy.cut()
    assert client.post(PLANS, json=tiny_request()).status_code == 202
