"""
Completes the API's description (OpenAPI), which the framework makes of the routes.

It adds the shapes of bodies that are read by hand, examples, and names that clients can be generated from: of the
operations (`submit_rebalancing_plan`), which are made of method and path alone, and of shapes that share a name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from service import problems
from service.access.needs import SCHEME
from service.errors import every_error

Document = dict[str, Any]

TAGS = {
    "rebalancing plans": "Nights of bikes: what vans carry where.",
    "relocation plans": "Nights of e-cars: what drivers move and plug in.",
    "siting studies": "Where charging points should be built.",
    "cities": "Cities that plans can be made for by name: your own, and the bundled ones.",
    "keys": "Who may call, and what for.",
    "audit events": "What was done, by whom.",
    "webhooks": "Who is told when jobs end, and what became of that.",
    "schedules": "Cities that are planned every night by themselves.",
    "demo data": "Request bodies that can be sent as they are.",
    "service": "What runs, whether it is ready, and what it allows.",
}

VERBS = {"put": "put", "patch": "update", "delete": "delete"}


def complete(app: FastAPI, bodies: Sequence[type[BaseModel]], submissions: Mapping[str, Document]) -> None:
    """
    Let `app` describe itself completely.

    Parameters
    ----------
    bodies
        Shapes that are read by hand, to which routes refer by name.
    submissions
        Path to a body that can be sent there as it is.
    """
    generate = app.openapi

    def openapi() -> Document:
        if app.openapi_schema is None:
            document = generate()
            _add_shapes(document, bodies)
            document["components"]["examples"] = dict(_problem_examples())
            document["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
            for path, method, operation in operations(document):
                operation["operationId"] = operation_id(document, path, method)
                if "security" in operation:
                    operation["security"] = _any_of(operation["security"])
            for path, body in submissions.items():
                content = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
                content["examples"] = {"demo": {"summary": body["name"], "value": body}}
            app.openapi_schema = _with_short_names(document)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    """Path, method and description of every operation."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def operation_id(document: Document, path: str, method: str) -> str:
    """
    What generated clients call the operation: a verb, the one thing or the many that it is about, and what of it.

    `GET /v1/siting-studies/{id}/sites` is `get_siting_study_sites`, `POST /v1/api-keys/{id}:rotate` is
    `rotate_api_key`. What answers with `items` is a list.
    """
    operation = document["paths"][path][method]
    place, _, action = path.removeprefix("/v1").strip("/").partition(":")
    nouns = list(_nouns(place.split("/")))
    if action:
        verb, _, rest = action.partition("-")
        return "_".join([verb, *nouns, *([rest.replace("-", "_")] if rest else [])])
    if method == "post":
        verb = "submit" if "202" in operation["responses"] else "create"
        return "_".join([verb, *nouns[:-1], _one(nouns[-1])])
    if method == "get":
        return "_".join(["list" if _has_items(document, operation) else "get", *nouns])
    return "_".join([VERBS[method], *nouns])


def _nouns(steps: Sequence[str]) -> Iterator[str]:
    """Words of a path; in the singular where the step behind it says which one."""
    for before, step, after in zip(["", *steps], steps, [*steps[1:], ""], strict=False):
        word = step.partition(".")[0].strip("{}").replace("-", "_")
        if not step.startswith("{"):
            yield _one(word) if after.startswith("{") else word
        elif before.startswith("{"):
            yield word


def _one(nouns: str) -> str:
    if nouns.endswith("ies"):
        return f"{nouns[:-3]}y"
    return nouns.removesuffix("s")


def _has_items(document: Document, operation: Document) -> bool:
    shape = operation["responses"]["200"].get("content", {}).get("application/json", {}).get("schema", {})
    name = shape.get("$ref", "").rpartition("/")[2]
    return "items" in document["components"]["schemas"].get(name, {}).get("properties", {})


def _any_of(declared: Sequence[Mapping[str, Sequence[str]]]) -> list[dict[str, list[str]]]:
    """Of several scopes one is enough; in a description, several of one entry would all be needed."""
    (needed,) = declared
    return [{SCHEME: [scope]} for scope in needed[SCHEME]]


def _add_shapes(document: Document, bodies: Sequence[type[BaseModel]]) -> None:
    models = [*((body, "validation") for body in bodies), (problems.Problem, "serialization")]
    _, shapes = models_json_schema(models, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    document["components"]["schemas"] = {**shapes["$defs"], **document["components"]["schemas"]}


def _problem_examples() -> Iterator[tuple[str, Document]]:
    """An example of every error, to which the answers of the operations refer by its code."""
    for error in every_error():
        yield error.code, {"summary": error.title, "value": problems.example(error)}


def _with_short_names(document: Document) -> Document:
    """Shapes that share a name are told apart by the part of the product they belong to; titles are those names."""
    names = {name: _short(name) for name in document["components"]["schemas"] if "__" in name}
    text = json.dumps(document)
    for name, short in names.items():
        text = text.replace(f'/schemas/{name}"', f'/schemas/{short}"').replace(f'"{name}": {{', f'"{short}": {{')
    renamed: Document = json.loads(text)
    for name, shape in renamed["components"]["schemas"].items():
        shape["title"] = name
    return renamed


def _short(name: str) -> str:
    """`scenarios__relocation__schema__PricesModel` is `RelocationPricesModel`."""
    _package, *parts, _module, last = name.split("__")
    return "".join(part.capitalize() for part in parts) + last
