"""Breaks JSON where its structure is: values, names, types, lists; what it cannot parse it leaves to `raw`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from tests.fuzz import odd

Spot = tuple[Any, Any]
"""A list or an object, and an index or a name in it."""


def change(content: bytes, rng: Random) -> bytes:
    """The document with something in it changed; may say a name twice, NaN, or half a character."""
    document = json.loads(content)
    spots = list(_spots(document))
    for _ in range(rng.choice((1, 1, 2, 3))):
        # What an earlier change took out of the document is changed in vain.
        rng.choice(CHANGES)(*rng.choice(spots), rng)
    text = json.dumps(document, ensure_ascii=rng.random() < 0.5)
    if rng.random() < 0.15:
        text = _said_twice(text, spots, rng)
    return text.encode(errors="surrogatepass")


def _spots(document: Any) -> Iterator[Spot]:
    inner = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in inner:
        yield document, key
        if isinstance(value, (dict, list)):
            yield from _spots(value)


def _replace(inside: Any, key: Any, rng: Random) -> None:
    _put(inside, key, odd.value(rng))


def _remove(inside: Any, key: Any, rng: Random) -> None:
    if isinstance(inside, dict):
        inside.pop(key, None)
    else:
        del inside[key : key + 1]


def _rename(inside: Any, key: Any, rng: Random) -> None:
    if isinstance(inside, dict) and key in inside:
        name = rng.choice((key + "s", key.upper(), key[:-1], rng.choice(odd.TOKENS), "id", "name"))
        inside[name] = inside.pop(key)


def _other_type(inside: Any, key: Any, rng: Random) -> None:
    value = _at(inside, key)
    inside_out = (str(value), [value], {"value": value}, float(value) if isinstance(value, int) else None, not value)
    _put(inside, key, rng.choice(inside_out))


def _same_again(inside: Any, key: Any, rng: Random) -> None:
    if isinstance(inside, list) and key < len(inside):
        inside.insert(key, inside[key])
    else:
        _put(inside, f"{key}_again", _at(inside, key))


def _swap(inside: Any, key: Any, rng: Random) -> None:
    keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
    if isinstance(inside, dict) and {"lon", "lat"} <= set(keys):
        inside["lon"], inside["lat"] = inside["lat"], inside["lon"]
    elif key in keys:
        other = rng.choice(keys)
        inside[key], inside[other] = inside[other], inside[key]


def _at(inside: Any, key: Any) -> Any:
    return inside.get(key) if isinstance(inside, dict) else inside[key] if key < len(inside) else None


def _put(inside: Any, key: Any, value: Any) -> None:
    if isinstance(inside, dict) or (isinstance(key, int) and key < len(inside)):
        inside[key] = value


def _said_twice(text: str, spots: list[Spot], rng: Random) -> str:
    names = [key for _, key in spots if isinstance(key, str)]
    name = json.dumps(rng.choice(names))
    return text.replace(f"{name}:", f"{name}: {json.dumps(rng.choice(([], 0, None, 'x')))}, {name}:", 1)


CHANGES: tuple[Callable[[Any, Any, Random], None], ...] = (
    *(_replace, _replace, _replace, _remove, _rename, _other_type, _same_again, _swap),
)
