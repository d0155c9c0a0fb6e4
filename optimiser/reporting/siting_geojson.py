"""A study on a map, RFC 7946: its sites and demand, and the outlines that the city's files tell."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from optimiser.reporting.geojson import area_feature, point_feature
from optimiser.reporting.siting_document import labels, node_document, site_document
from optimiser.reporting.siting_outcome import Outcome
from optimiser.reporting.siting_study import Study


def sites_geojson(study: Study, told: Outcome) -> dict[str, Any]:
    """A point for each site, candidates at which nothing is built included; `properties.state` tells them apart."""
    features = []
    for outcome in told.sites:
        properties = site_document(outcome)
        lon, lat = properties.pop("lon"), properties.pop("lat")
        features.append(point_feature(f"site/{outcome.site.id}", lon, lat, {"kind": "site", **properties}))
    return _collection(study, features)


def demand_geojson(study: Study, told: Outcome) -> dict[str, Any]:
    """A point for each demand point: people of the last phase, the share that is served, and why not the rest."""
    features = []
    for row, point in enumerate(demand_rows(study, told)):
        lon, lat = point.pop("lon"), point.pop("lat")
        name = study.problem.demand[row].id
        features.append(point_feature(f"demand/{name}", lon, lat, {"kind": "demand", **point}))
    return _collection(study, features)


def outlines_geojson(study: Study, told: Outcome) -> dict[str, dict[str, Any]]:
    """Districts, excluded areas and grid nodes, as far as it is known where they are; by layer, none of them empty."""
    outlines = study.outlines
    layers = {
        "districts": [
            area_feature(f"district/{its.id}", outlines.districts[its.id], {"kind": "district", **asdict(its)})
            for its in told.districts
            if its.id in outlines.districts
        ],
        "excluded": [
            area_feature(f"excluded/{number}", area, {"kind": "excluded", "name": name})
            for number, (name, area) in enumerate(outlines.excluded, start=1)
        ],
        "grid_nodes": [
            point_feature(f"grid_node/{node.id}", *place, {"kind": "grid_node", **node_document(node)})
            for node in told.grid
            if (place := outlines.grid_nodes.get(node.id)) is not None
        ],
    }
    return {name: _collection(study, features) for name, features in layers.items() if features}


def demand_rows(study: Study, told: Outcome) -> list[dict[str, Any]]:
    """Every demand point as plain values, in the last phase, as expected over scenarios."""
    flows, before = told.flows, told.before
    rows = zip(study.problem.demand, flows.demand.tolist(), flows.share.tolist(), before.share.tolist(), strict=True)
    return [
        {
            "demand_id": point.id,
            "lon": point.lon,
            "lat": point.lat,
            "segment": point.segment,
            "district": point.district,
            "people": people,
            "served_share": share,
            "served_share_before": share_before,
            "unserved_because": reason,
        }
        for (point, people, share, share_before), reason in zip(rows, told.reasons, strict=True)
    ]


def _collection(study: Study, features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "city": study.city, "currency": study.currency, **labels(study)} | {
        "features": features
    }
