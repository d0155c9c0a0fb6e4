"""What the readers of benchmark files share: text from a file, and one located error where it is none."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NoReturn

from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings

MAX_BYTES = 500_000_000


def refuse(path: Path, code: str, message: str, *, where: str = "", value: Any = None, hint: str = "") -> NoReturn:
    """Raise `InvalidInput` with one located error; the value is told in the message."""
    findings = Findings()
    findings.error(code, message, source=str(path), where=where, value=value, hint=hint)
    raise InvalidInput(f"benchmark file {path}", findings=findings.errors)


def read_text(path: Path, *, hint: str) -> str:
    """
    The text of an instance file; `hint` says what it should hold.

    Raises
    ------
    InvalidInput
        A path that is no file, is empty, too large, or holds no text.
    """
    if not path.is_file():
        refuse(path, "file_missing", "is no file" if path.exists() else "does not exist", hint=hint)
    size = path.stat().st_size
    if size > MAX_BYTES:
        refuse(path, "file_too_large", f"is larger than {MAX_BYTES // 1_000_000} MB", value=size, hint=hint)
    content = path.read_bytes()
    if 0 in content:
        refuse(path, "binary_file", f"is no text: byte {content.index(0)} is 0", hint=hint)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        refuse(path, "not_utf8", f"is no UTF-8 text at byte {error.start}", hint=hint)
    if not text.strip():
        refuse(path, "file_empty", "is empty", hint=hint)
    return text


def finite_number(text: str) -> float | None:
    """The number that a text writes; None where it writes none, or one that is not finite."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
