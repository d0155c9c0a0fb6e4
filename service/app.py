"""Joins the parts of the API; the only place where that is done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version

from anyio import CapacityLimiter
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy.util import greenlet_spawn

from service import db, description, problems
from service.access import routes as access_routes
from service.access.gate import Gate
from service.access.quotas import quotas_of
from service.access.service import Keys
from service.access.tokens import tokens_of
from service.cities import feed_routes
from service.cities import routes as city_routes
from service.cities.shelf import Shelf
from service.jobs import engine
from service.jobs.desk import Desk
from service.jobs.lookout import Lookout
from service.jobs.routing import router_of
from service.outward.allowed import Allowed
from service.outward.connector import Connector
from service.plans import revision_routes
from service.plans import routes as plan_routes
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
        await greenlet_spawn(database.dispose)

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
    app.state.feed_turns = CapacityLimiter(4)
    app.state.evaluation_turns = CapacityLimiter(2)
    app.state.lookout = Lookout(database, poll_s=settings.stream_poll_s)
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
    app.state.connector = connector
    app.state.webhooks = Webhooks(database=database, settings=settings, connector=connector)
    tokens = tokens_of(settings, connector)
    app.add_middleware(Gate, keys=app.state.keys, quotas=app.state.quotas, tokens=tokens)
    app.add_middleware(RequestLog)
    problems.install(app)
    for router in (
        *map(router_of, RESOURCES),
        plan_routes.router,
        revision_routes.router,
        feed_routes.router,
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
    bodies: tuple[type[BaseModel], ...] = (
        *(resource.request for resource in RESOURCES),
        *access_routes.BODIES,
        *webhook_routes.BODIES,
        *schedule_routes.BODIES,
        *feed_routes.BODIES,
        *plan_routes.BODIES,
        *revision_routes.BODIES,
    )
    description.complete(app, bodies, demo.submissions())
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
