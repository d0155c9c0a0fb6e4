"""Joins the parts of the API; the only place where that is done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from typing import Any

from anyio import CapacityLimiter
from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from service import db, problems
from service.access import routes as access_routes
from service.access.gate import Gate
from service.access.needs import SCHEME
from service.access.quotas import quotas_of
from service.access.service import Keys
from service.cities import routes as city_routes
from service.cities.shelf import Shelf
from service.jobs import engine
from service.jobs.desk import Desk
from service.jobs.routing import router_of
from service.outward.allowed import Allowed
from service.outward.connector import Connector
from service.plans.resource import PLANS
from service.relocations.resource import RELOCATIONS
from service.requestlog import RequestLog
from service.schedules import routes as schedule_routes
from service.settings import Settings
from service.studies.resource import STUDIES
from service.system import demo, health, metrics, pages
from service.webhooks import routes as webhook_routes
from service.webhooks.service import Webhooks

DESCRIPTION = """
Submit a night's rebalancing of bikes, a night of e-cars, or a study of charging sites, follow it, fetch the result.
Times are RFC 3339, positions are WGS84 `[lon, lat]`, amounts are SI with the unit in the name. Every error is an
`application/problem+json` document that lists all findings.
"""

RESOURCES = (PLANS, RELOCATIONS, STUDIES)


def create_app(settings: Settings) -> FastAPI:
    """The API over the database and data folder of `settings`; the tables must exist (`prepare_storage`)."""
    database = db.open_engine(settings.database_url)
    jobs = engine.open_client(settings.database_url)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        jobs.destroy()
        database.dispose()

    app = FastAPI(
        title="evenfleet",
        version=version("evenfleet"),
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        separate_input_output_schemas=False,
    )
    app.state.settings = settings
    app.state.database = database
    app.state.shelf = partial(Shelf, database=database, settings=settings)
    app.state.city_turns = CapacityLimiter(1)
    app.state.metrics = metrics.Metrics(database)
    app.state.desks = {
        resource.kind.name: partial(
            Desk, kind=resource.kind, read=resource.read, database=database, jobs=jobs, settings=settings
        )
        for resource in RESOURCES
    }
    app.state.keys = Keys(database=database, settings=settings)
    app.state.quotas = quotas_of(settings)
    connector = Connector(allowed=Allowed.read(settings.allow_hosts))
    app.state.webhooks = Webhooks(database=database, settings=settings, connector=connector)
    app.add_middleware(Gate, keys=app.state.keys, quotas=app.state.quotas)
    app.add_middleware(RequestLog)
    problems.install(app)
    for router in (
        *map(router_of, RESOURCES),
        city_routes.router,
        access_routes.router,
        webhook_routes.router,
        schedule_routes.router,
        demo.router,
        health.router,
        metrics.router,
        pages.router,
    ):
        app.include_router(router)
    webhook_routes.describe_events(app)
    pages.mount_assets(app)
    _complete_openapi(app)
    return app


def prepare_storage(settings: Settings) -> None:
    """Make the data folder and bring all tables, ours and the job engine's, to their newest shape."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = db.open_engine(settings.database_url)
    try:
        db.migrate(database)
    finally:
        database.dispose()
    engine.prepare(settings.database_url)


def _complete_openapi(app: FastAPI) -> None:
    """Add the shapes that FastAPI does not see: the body of a submission, which is read by hand, and problems."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            models = [
                *(
                    (shape, "validation")
                    for shape in (
                        *(resource.request for resource in RESOURCES),
                        *access_routes.BODIES,
                        *webhook_routes.BODIES,
                        *schedule_routes.BODIES,
                    )
                ),
                (problems.Problem, "serialization"),
            ]
            _, shapes = models_json_schema(models, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
            document["components"]["schemas"] = {**shapes["$defs"], **document["components"]["schemas"]}
            # Of several scopes one is enough; in a description, several of one entry would all be needed.
            for path in document["paths"].values():
                for operation in path.values():
                    if "security" in operation:
                        (declared,) = operation["security"]
                        operation["security"] = [{SCHEME: [scope]} for scope in declared[SCHEME]]
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
