"""Ready request bodies, so that the first plan is one call away."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from optimiser.basics.findings import Findings
from scenarios.folder import read_folder
from scenarios.loader import find_folder, list_cities
from scenarios.relocation.loader import list_fleets
from scenarios.schema import CityModel
from scenarios.siting.inspection import is_for_siting
from service.access.needs import needs
from service.access.scopes import Scope
from service.errors import InvalidRequest, NotFound
from service.problems import responses

router = APIRouter(
    prefix="/v1/demo-data", tags=["demo data"], dependencies=[needs(Scope.PLANS_READ, Scope.STUDIES_READ)]
)

INLINE_CITY = "paris-8e"
"""Small enough to read, complete enough to change."""

INLINE = "-inline"
SITING = "-siting"
CARS = "-cars"


class DemoItem(BaseModel):
    """One ready request body."""

    id: str
    title: str
    href: str
    submit_to: str = "/v1/rebalancing-plans"


class DemoList(BaseModel):
    """All ready request bodies."""

    items: list[DemoItem]


@router.get("", summary="Ready request bodies", responses=responses())
def index() -> DemoList:
    """Each `href` answers with a body that can be sent to `submit_to` as it is."""
    plans = [DemoItem(id=id_, title=title, href=f"{router.prefix}/{id_}") for id_, title in _titles()]
    studies = [
        DemoItem(
            id=f"{name}{SITING}",
            title=f"Charging sites in the bundled city {name}",
            href=f"{router.prefix}/{name}{SITING}",
            submit_to="/v1/siting-studies",
        )
        for name in _with_demand()
    ]
    cars = [
        DemoItem(
            id=f"{name}{CARS}",
            title=f"E-cars of the bundled city {name}",
            href=f"{router.prefix}/{name}{CARS}",
            submit_to="/v1/relocation-plans",
        )
        for name in list_fleets()
    ]
    return DemoList(items=[*plans, *cars, *studies])


@router.get("/{demo_id}", summary="One ready request body", responses=responses(NotFound, InvalidRequest))
def show(demo_id: str) -> dict[str, Any]:
    """A request body for where `submit_to` says."""
    studies = [f"{name}{SITING}" for name in _with_demand()]
    cars = [f"{name}{CARS}" for name in list_fleets()]
    known = [*dict(_titles()), *cars, *studies]
    if demo_id not in known:
        raise NotFound(f"there is no demo {demo_id}; there are {', '.join(known)}")
    if demo_id in cars:
        name = demo_id.removesuffix(CARS)
        return {"city": name, "limits": {"seconds": 20, "seed": 1}, "name": f"Demo e-cars in {name}"}
    if demo_id in studies:
        name = demo_id.removesuffix(SITING)
        return {"city": name, "limits": {"seconds": 20, "seed": 1}, "name": f"Demo sites in {name}"}
    name = demo_id.removesuffix(INLINE)
    city: str | dict[str, Any] = name if name == demo_id else _inline(name)
    return {"city": city, "limits": {"seconds": 20, "seed": 1}, "name": f"Demo {name}"}


def submissions() -> dict[str, dict[str, Any]]:
    """Path to a short body that can be sent there as it is, for the API's description."""
    return {
        "/v1/rebalancing-plans": show(INLINE_CITY),
        "/v1/relocation-plans": show(f"{INLINE_CITY}{CARS}"),
        "/v1/siting-studies": show(f"{INLINE_CITY}{SITING}"),
    }


def _titles() -> list[tuple[str, str]]:
    titles = [(name, f"The bundled city {name}") for name in list_cities()]
    if INLINE_CITY in list_cities():
        titles.append((f"{INLINE_CITY}{INLINE}", f"{INLINE_CITY} written out in full, to be changed at will"))
    return titles


def _with_demand() -> list[str]:
    """Bundled cities that say who may want to charge."""
    return [name for name in list_cities() if is_for_siting(name)]


@cache
def _inline(name: str) -> dict[str, Any]:
    """The bundled city as a client would send it, on the bundled city's streets."""
    findings = Findings()
    model = read_folder(find_folder(name), findings)
    findings.raise_errors(f"city {name}")
    assert isinstance(model, CityModel)
    document = model.model_dump(mode="json", exclude_defaults=True)
    return {**document, "streets": name if model.streets.source else document["streets"]}
