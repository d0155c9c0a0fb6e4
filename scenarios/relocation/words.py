"""Cells that hold words: several, or names that are spelt in several ways."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

from scenarios.schema_fields import Skill


def split_words(value: Any) -> Any:
    """`type2 ccs` or `type2|ccs` as a list; what is no text stays."""
    return [word for word in re.split(r"[\s|,;/]+", value) if word] if isinstance(value, str) else value


def plain_connector(value: Any) -> Any:
    """`Type 2` and `type-2` as `type2`, `CCS` as `ccs`; what is no text stays."""
    return re.sub(r"\btype[\s_-]+(?=\d)", "type", value.casefold()) if isinstance(value, str) else value


def split_connectors(value: Any) -> Any:
    """`Type 2 CCS` as a list of two."""
    return split_words(plain_connector(value))


Connector = Annotated[Skill, BeforeValidator(plain_connector)]
