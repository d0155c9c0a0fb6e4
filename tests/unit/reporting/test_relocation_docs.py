"""docs/relocation-plan.md names every field, column and code that the files of an e-car night have."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from optimiser.reporting.document import to_json
from optimiser.reporting.relocation_document import relocation_document
from optimiser.reporting.relocation_sheet import COLUMNS
from optimiser.reporting.relocation_words import KINDS, REASONS
from tests.car_nights import planned
from tests.unit.relocation.nights import night

PAGE = Path(__file__).parents[3] / "docs" / "relocation-plan.md"
ELSEWHERE = {"handling", "charging", "prices", "modes"}
"""What was given is told where it is given."""


def test_every_field_column_and_code_is_told() -> None:
    """In backticks; terms of the cost stand in the model's page, by name."""
    told = set(re.findall(r"`([^`]+)`", PAGE.read_text(encoding="utf-8")))
    document = json.loads(to_json(relocation_document(planned(night()))))
    del document["cost"], document["wishes"]
    named = fields({name: value for name, value in document.items() if name not in ELSEWHERE})
    assert not (named | ELSEWHERE | {*COLUMNS, *REASONS, *KINDS}) - told


def fields(value: Any) -> set[str]:
    """Names of all fields in a document."""
    if isinstance(value, dict):
        return set(value) | {name for item in value.values() for name in fields(item)}
    return {name for item in value for name in fields(item)} if isinstance(value, list) else set()
