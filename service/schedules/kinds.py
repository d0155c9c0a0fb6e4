"""What can be scheduled."""

from __future__ import annotations

from service.plans.resource import PLANS
from service.relocations.resource import RELOCATIONS

RESOURCES = {"bikes": PLANS, "cars": RELOCATIONS}
