"""The demo by a client that is generated from the API's description: submit a night, wait for it, read its routes."""

import json
import sys
import time

from evenfleet_client import AuthenticatedClient
from evenfleet_client.api.rebalancing_plans import (
    get_rebalancing_plan,
    get_rebalancing_plan_routes,
    submit_rebalancing_plan,
)
from evenfleet_client.models import LimitsModel, PlanRequest, PlanView, Problem, State

FINAL = (State.SUCCEEDED, State.FAILED, State.CANCELLED, State.INVALID)


def plan_of(answer: PlanView | Problem | None) -> PlanView:
    """What was asked for; else a sentence why not."""
    if not isinstance(answer, PlanView):
        raise SystemExit(f"no plan: {answer}")
    return answer


client = AuthenticatedClient(base_url=sys.argv[1], token=sys.argv[2], raise_on_unexpected_status=True)
wanted = PlanRequest(city="paris-8e", limits=LimitsModel(seconds=2.0, seed=1))
plan = plan_of(submit_rebalancing_plan.sync(client=client, body=wanted, idempotency_key="demo-of-python"))
while plan.status not in FINAL:
    time.sleep(0.25)
    plan = plan_of(get_rebalancing_plan.sync(plan.id, client=client))
routes = get_rebalancing_plan_routes.sync(plan.id, client=client)
if routes is None or isinstance(routes, Problem):
    raise SystemExit(f"no routes: {routes}")

refused = submit_rebalancing_plan.sync(client=client, body=PlanRequest(city="nowhere"))
codes = [finding.code for finding in refused.errors or []] if isinstance(refused, Problem) else None

told = {"id": plan.id, "status": plan.status, "routes": [route.to_dict() for route in routes], "codes": codes}
print(json.dumps(told))
