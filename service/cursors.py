"""Cursors of lists: where a page ended, as text that a client hands back."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

from fastapi import Response

from optimiser.basics.findings import Findings
from service.errors import InvalidRequest


def write_cursor(at_ms: int, item_id: str) -> str:
    """The cursor of the page after the item with this moment and id."""
    return base64.urlsafe_b64encode(json.dumps([at_ms, item_id]).encode()).decode().rstrip("=")


def read_cursor(cursor: str, *, is_id: Callable[[str], bool]) -> tuple[int, str]:
    """
    The moment and the id that a cursor stands for.

    Raises
    ------
    InvalidRequest
        It is not one of ours.
    """
    try:
        at_ms, item_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        # A truth value counts as a whole number here, not in PostgreSQL.
        if not (type(at_ms) is int and 0 <= at_ms < 2**53 and is_id(item_id)):
            raise ValueError(at_ms, item_id)
        return at_ms, item_id
    except (ValueError, TypeError):
        findings = Findings()
        findings.error(
            "cursor",
            "this is not a cursor of ours",
            source="query",
            where="cursor",
            value=cursor,
            hint="use next_cursor of the page before",
        )
        raise InvalidRequest("the cursor is wrong", findings=findings.errors) from None


def link_next(response: Response, path: str, cursor: str | None) -> None:
    """Say in a header (RFC 8288) where the next page is; `path` has a query already."""
    if cursor:
        response.headers["Link"] = f'<{path}&cursor={cursor}>; rel="next"'
