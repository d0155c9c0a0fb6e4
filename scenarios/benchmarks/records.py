"""Frozen dataclasses from plain JSON and back: every field is told, and every one that is wrong is located."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from optimiser.basics.errors import InvalidInput
from optimiser.basics.findings import Findings

WRONG = object()
"""What is read where something is wrong; the findings say what."""
HINTS = {int: "a whole number", float: "a number", str: "a text", bool: "true or false", datetime: "a date and time"}


class Decoder:
    """Reads values of one file, and notes what is wrong with them."""

    def __init__(self, findings: Findings, source: str) -> None:
        self._findings, self._source = findings, source

    def record(self, kind: Callable[..., Any], value: Any, where: str, **given: Any) -> Any:
        """A dataclass from an object with all of its fields; those of `given` are known already."""
        if not isinstance(value, Mapping):
            return self.wrong("object_expected", "is no object", where, value, f"an object with {_told(kind, given)}")
        known = {_key(name): name for name in _types(kind) if name not in given}
        for key in value.keys() - known.keys():
            self.wrong("key_unknown", "is no field", f"{where}.{key}", key, f"one of {', '.join(known)}")
        for key in known.keys() - value.keys():
            self.wrong("key_missing", f"has no {key}", where, None, "every field is told, null where there is none")
        read = {
            name: self.value(_types(kind)[name], value[key], f"{where}.{key}")
            for key, name in known.items()
            if key in value
        }
        if len(read) < len(known) or any(part is WRONG for part in read.values()):
            return WRONG
        try:
            return kind(**read, **given)
        except InvalidInput as error:
            return self.wrong("value_wrong", str(error), where, None, "")

    def records(self, kind: Callable[..., Any], value: Any, where: str) -> Any:
        """Several of them, from a list."""
        return self.value(tuple[kind, ...], value, where)  # type: ignore[valid-type]

    def value(self, type_: Any, value: Any, where: str) -> Any:
        """One value of a type that a field has."""
        origin, of = get_origin(type_), get_args(type_)
        if origin in {Union, types.UnionType}:
            (inner,) = (one for one in of if one is not type(None))
            return None if value is None else self.value(inner, value, where)
        if origin in {tuple, frozenset}:
            if not isinstance(value, list):
                return self.wrong("list_expected", "is no list", where, value, "a list")
            read = [self.value(of[0], one, f"{where}[{index}]") for index, one in enumerate(value)]
            return WRONG if any(one is WRONG for one in read) else origin(read)
        if type_ in HINTS:
            return self._plain(type_, value, where)
        return self.record(type_, value, where)

    def _plain(self, type_: type, value: Any, where: str) -> Any:
        if type_ is datetime and isinstance(value, str):
            try:
                return datetime.fromisoformat(value)
            except ValueError:
                pass
        elif type_ is float and isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        elif type(value) is type_:
            return value
        return self.wrong("type_wrong", f"is no {HINTS[type_].removeprefix('a ')}", where, value, HINTS[type_])

    def wrong(self, code: str, message: str, where: str, value: Any, hint: str) -> Any:
        """Note what is wrong."""
        told = value if value is None or isinstance(value, int | float) else str(value)[:60]
        self._findings.error(code, message, source=self._source, where=where.lstrip("."), value=told, hint=hint)
        return WRONG


def plain(value: Any) -> Any:
    """What a dataclass of plain fields is in JSON; sets are sorted."""
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "__dataclass_fields__"):
        return {_key(field.name): plain(getattr(value, field.name)) for field in fields(value)}
    return value


def _key(name: str) -> str:
    """Of a field in the file: without what tells it from a word of Python."""
    return name.removesuffix("_")


def _told(kind: Callable[..., Any], given: Mapping[str, Any]) -> str:
    return ", ".join(_key(name) for name in _types(kind) if name not in given)


@cache
def _types(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}
