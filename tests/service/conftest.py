"""Databases and services to test with: real SQLite and PostgreSQL, real processes, real HTTP on loopback."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.service.backends import BACKENDS, new_database
from tests.service.postgres import postgresql_server
from tests.service.running import RunningService


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """URL of the maintenance database of a PostgreSQL server that lives as long as the tests."""
    with postgresql_server() as url:
        yield url


@pytest.fixture(params=BACKENDS)
def db_url(request: pytest.FixtureRequest) -> str:
    """A fresh database of each kind."""
    return new_database(request, request.param)


@pytest.fixture(scope="session", params=BACKENDS)
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """`evenfleet serve` with one worker, shared by many tests, on each kind of database."""
    url = new_database(request, request.param)
    with RunningService(tmp_path_factory.mktemp("service"), db_url=url) as running:
        yield running


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("EVENFLEET_"):
            monkeypatch.delenv(name)
