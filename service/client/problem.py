"""The one exception of the client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx


class Problem(Exception):
    """
    What the service refused, or why a job ended without a result; its text lists every finding.

    `status` is the HTTP status, and None where a job failed or nobody answered; `code` is one of docs/api.md, or
    `unreachable`; each of `findings` has a `code`, a `pointer`, a `detail` and a `hint`.
    """

    def __init__(self, *, code: str, detail: str, status: int | None = None, **more: Any) -> None:
        self.status, self.code, self.detail = status, code, detail
        self.findings: Sequence[Mapping[str, Any]] = more.get("findings") or ()
        self.request_id: str | None = more.get("request_id")
        told = [f"{code}: {detail}"]
        for finding in self.findings:
            hint = f" ({finding['hint']})" if finding.get("hint") else ""
            told.append(f"{finding.get('pointer') or '/'}: {finding.get('detail')}{hint}")
        super().__init__("\n  ".join(told))

    @classmethod
    def of_answer(cls, answer: httpx.Response) -> Problem:
        """Out of a problem document, or of whatever something in between has answered."""
        try:
            document = answer.json()
        except ValueError:
            document = None
        if not isinstance(document, dict):
            document = {}
        return cls(
            status=answer.status_code,
            code=document.get("code", "http_error"),
            detail=document.get("detail", f"{answer.status_code} {answer.reason_phrase} from {answer.url.path}"),
            findings=document.get("errors"),
            request_id=document.get("request_id"),
        )
