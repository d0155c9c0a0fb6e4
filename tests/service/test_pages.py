"""Pages and the API's own description."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.app import create_app, prepare_storage
from service.settings import Settings
from tests.service.clients import local_client


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    settings = Settings(data_dir=tmp_path)
    prepare_storage(settings)
    with local_client(create_app(settings)) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_ask_no_outside_host_for_anything(client: TestClient, path: str):
    page = client.get(path).raise_for_status().text
    assert not re.findall(r"""(?:src|href|url)\s*[=(:]\s*["']?\s*(?:https?:)?//""", page)
    for asset in re.findall(r"""(?:src|href)\s*=\s*["'](/[^"']*)""", page):
        answer = client.get(asset)
        assert answer.status_code in (200, 503) if asset == "/readyz" else answer.status_code == 200, asset


def test_the_style_sheet_of_the_documentation_asks_no_outside_host(client: TestClient):
    style = client.get("/docs/assets/swagger-ui.css").raise_for_status().text
    assert not re.findall(r"""(?:url\(|@import)\s*["']?\s*(?:https?:)?//""", style)


def test_the_documentation_never_calls_the_validator_of_swagger(client: TestClient):
    assert '"validatorUrl": null' in client.get("/docs").text


def test_every_endpoint_declares_its_errors_as_problems(client: TestClient):
    document = client.get("/openapi.json").raise_for_status().json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if path.startswith("/v1/rebalancing-plans"):
                kinds = [
                    set(answer.get("content", {}))
                    for status, answer in operation["responses"].items()
                    if status >= "400"
                ]
                assert kinds, (method, path)
                assert all(kind == {"application/problem+json"} for kind in kinds), (method, path, kinds)


def test_every_reference_in_the_description_leads_somewhere(client: TestClient):
    document = client.get("/openapi.json").json()

    def references(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            yield from [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            for inner in part.values():
                yield from references(inner)
        elif isinstance(part, list):
            for inner in part:
                yield from references(inner)

    found = set(references(document))
    assert "#/components/schemas/PlanRequest" in found
    for reference in found:
        place: Any = document
        for key in reference.removeprefix("#/").split("/"):
            place = place[key]


def test_version_and_limits_are_told(client: TestClient, tmp_path: Path):
    assert client.get("/v1/version").json()["api"] == "v1"
    assert client.get("/v1/limits").json()["max_body_bytes"] == Settings(data_dir=tmp_path).max_body_bytes
