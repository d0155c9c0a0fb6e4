"""The API's description is complete: what people read in `/docs`, and what clients are generated from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.access.scopes import Scope
from service.app import create_app, prepare_storage
from service.description import TAGS, operations
from service.problems import MEDIA_TYPE
from service.settings import Settings
from tests.service.clients import local_client

PROBLEM = {"$ref": "#/components/schemas/Problem"}
WITHOUT_ANY_ERROR = {"/livez"}
OF_THE_GATE, OF_THE_DATABASE, OF_A_BODY = {"401", "403", "429"}, {"503", "507"}, {"400", "413", "415", "422"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Any:
    settings = Settings(data_dir=tmp_path_factory.mktemp("described"))
    prepare_storage(settings)
    return create_app(settings)


@pytest.fixture(scope="module")
def description(app: Any) -> dict[str, Any]:
    document: dict[str, Any] = app.openapi()
    return document


def resolved(description: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    name = shape.get("$ref", "").removeprefix("#/components/schemas/")
    return description["components"]["schemas"][name] if name else shape  # type: ignore[no-any-return]


def all_of(description: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, method, operation in operations(description):
        yield f"{method.upper()} {path}", operation


def test_operation_ids_are_unique_and_say_what_is_done(description: dict[str, Any]):
    ids = {name: operation["operationId"] for name, operation in all_of(description)}
    assert len(set(ids.values())) == len(ids) > 60
    for name, id_ in ids.items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)+", id_), (name, id_)
        assert not {"v1", "get_get", "post"} & set(id_.split("_")), (name, id_)
    # Code that was generated from them calls them so; who changes one breaks it.
    promised = {
        "POST /v1/rebalancing-plans": "submit_rebalancing_plan",
        "GET /v1/siting-studies": "list_siting_studies",
        "GET /v1/siting-studies/{study_id}": "get_siting_study",
        "GET /v1/siting-studies/{study_id}/sites": "get_siting_study_sites",
        "GET /v1/relocation-plans/{plan_id}/events": "list_relocation_plan_events",
        "GET /v1/rebalancing-plans/{plan_id}/export.{suffix}": "get_rebalancing_plan_export",
        "POST /v1/rebalancing-plans/{plan_id}:cancel": "cancel_rebalancing_plan",
        "POST /v1/rebalancing-plans/{plan_id}/revisions": "submit_rebalancing_plan_revision",
        "GET /v1/rebalancing-plans/{plan_id}/revisions": "list_rebalancing_plan_revisions",
        "PUT /v1/cities/{city_id}": "put_city",
        "GET /v1/cities/{city_id}/{part}": "get_city_part",
        "POST /v1/cities/{city_id}/snapshots": "create_city_snapshot",
        "GET /v1/audit-events": "list_audit_events",
        "POST /v1/webhook-endpoints/{endpoint_id}:rotate-secret": "rotate_webhook_endpoint_secret",
        "POST /v1/webhook-deliveries/{delivery_id}:redeliver": "redeliver_webhook_delivery",
        "PATCH /v1/schedules/{schedule_id}": "update_schedule",
        "GET /v1/demo-data/{demo_id}": "get_demo_data",
        "GET /v1/limits": "get_limits",
        "GET /readyz": "get_readyz",
    }
    assert promised == {name: ids.get(name) for name in promised}


def test_every_operation_is_told_and_belongs_to_one_resource(description: dict[str, Any]):
    used = set()
    for name, operation in all_of(description):
        assert len(operation["tags"]) == 1, name
        used.update(operation["tags"])
        assert operation["summary"], name
        assert operation.get("description"), name
    assert used == set(TAGS) == {tag["name"] for tag in description["tags"]}


def test_every_operation_below_v1_says_which_scopes_open_it(description: dict[str, Any]):
    assert description["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    for name, operation in all_of(description):
        if " /v1/" not in name:
            assert "security" not in operation, name
            continue
        assert operation["security"], name
        for one in operation["security"]:
            ((scheme, scopes),) = one.items()
            assert (scheme, len(scopes)) == ("key", 1), name
            assert scopes[0] in set(Scope), name


def test_every_operation_declares_its_errors_as_problems_with_examples(description: dict[str, Any]):
    for name, operation in all_of(description):
        answers = operation["responses"]
        wanted = set() if name.split()[1] in WITHOUT_ANY_ERROR else set(OF_THE_DATABASE)
        wanted |= OF_THE_GATE if " /v1/" in name else set()
        wanted |= (
            OF_A_BODY - ({"400"} if "application/zip" in str(operation.get("requestBody")) else set())
            if ("requestBody" in operation)
            else set()
        )
        wanted |= {"422"} if operation.get("parameters") else set()
        assert wanted <= set(answers), (name, wanted - set(answers))
        for status, answer in answers.items():
            if int(status) < 400:
                continue
            ((kind, content),) = answer["content"].items()
            assert (kind, content["schema"]) == (MEDIA_TYPE, PROBLEM), (name, status)
            assert content["examples"], (name, status)
            for code, reference in content["examples"].items():
                example = description["components"]["examples"][code]["value"]
                assert reference == {"$ref": f"#/components/examples/{code}"}
                assert (example["status"], example["code"]) == (int(status), code)
            assert ("Retry-After" in answer.get("headers", {})) == (status in ("429", "503", "507")), (name, status)


def test_every_answer_that_has_content_has_a_shape(description: dict[str, Any]):
    for name, operation in all_of(description):
        assert any(int(status) < 300 for status in operation["responses"]), name
        for status, answer in operation["responses"].items():
            assert ("content" in answer) == (status not in ("204", "304")), (name, status)
            for kind, content in answer.get("content", {}).items():
                assert content.get("schema") is not None, (name, status, kind)


def test_every_body_has_an_example_that_its_own_shape_takes(app: Any, description: dict[str, Any]):
    seen = 0
    for name, operation in all_of(description):
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            if kind == "application/zip":
                continue
            examples = [each["value"] for each in content.get("examples", {}).values()]
            examples += resolved(description, content["schema"]).get("examples", [])
            assert examples, name
            seen += 1
    assert seen >= 9


def test_examples_of_submissions_are_accepted_as_they_are(app: Any, description: dict[str, Any]):
    client = local_client(app)
    for path in ("/v1/rebalancing-plans", "/v1/relocation-plans", "/v1/siting-studies"):
        content = description["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        for example in content["examples"].values():
            answer = client.post(path, json=example["value"])
            assert answer.status_code == 202, answer.text


def test_shapes_have_names_of_their_own_and_every_reference_leads_to_one(description: dict[str, Any]):
    shapes = description["components"]["schemas"]
    assert [] == [name for name in shapes if not re.fullmatch(r"[A-Z][A-Za-z]+", name)]
    assert [] == [name for name, shape in shapes.items() if shape["title"] != name]
    assert {"PricesModel", "RelocationPricesModel", "WebhooksStatus", "AccessStatus"} <= set(shapes)
    assert {"HTTPValidationError", "ValidationError"}.isdisjoint(shapes)
    for kind, name in re.findall(r'"#/components/(\w+)/([^"]+)"', json.dumps(description)):
        assert name in description["components"][kind], name


def test_the_description_is_the_same_each_time_it_is_made(description: dict[str, Any], tmp_path: Path):
    assert create_app(Settings(data_dir=tmp_path)).openapi() == description
