"""Cells that hold several words."""

from __future__ import annotations

import re
from typing import Any


def split_words(value: Any) -> Any:
    """`type2 ccs` or `type2|ccs` as a list; what is no text stays."""
    return [word for word in re.split(r"[\s|,;/]+", value) if word] if isinstance(value, str) else value
