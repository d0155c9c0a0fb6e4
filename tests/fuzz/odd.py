"""Values and texts that parsers stumble over."""

from __future__ import annotations

from random import Random
from typing import Any

TOKENS = (
    *("", " ", "0", "-0", "-1", "-1e308", "1e308", "1e999", "NaN", "nan", "Infinity", "-inf", "0x10", "1_000", "1,5"),
    *("9" * 25, "9" * 5000, "1" + "0" * 400, "true", "null", "None", "''", '"', '""', "'", ",", ";", "\t", "|", "\\"),
    *("\x00", "\x1b[2J", "\r", "\n", "\r\n", "\x85", "\u2028", "\ufeff", "\u202eevil", "\u200f", "é", "🚲", "ß" * 300),
    *("../../x", "/etc/passwd", "CON", "a" * 10_000, "=1+1", "@x", "-x", "+x", "<script>", "{{7*7}}", "%s", "{0}"),
    *("2026-02-30", "24:00", "22:00", "1970-01-01T00:00:00Z", "2026-11-22T21:00:00+01:00", "9999-12-31T23:59:59Z"),
    *("180.0001", "-91", "A", "depot", "{", "}", "[", "]", "[[", "<", "&", "&amp;", "<!--", "]]>", "#", "//"),
)
NUMBERS = (0, -1, 1, -0.0, 1e-320, 1e308, -1e308, 2**31, 2**63, -(2**63) - 1, 10**25, 0.5, 1e17, 180.5, -90.5)
NOT_JSON = (float("nan"), float("inf"), float("-inf"))
"""Numbers that Python writes into JSON, though JSON has none of them."""


def value(rng: Random) -> Any:
    """Anything that JSON, or Python's idea of it, can say."""
    kinds = (
        lambda: rng.choice(TOKENS),
        lambda: rng.choice(NUMBERS),
        lambda: rng.choice(NOT_JSON),
        lambda: rng.choice((None, True, False)),
        lambda: rng.choice(([], {}, [None], [[]], {"id": "A"}, ["A", "A"], {"text": "x"}, "\ud800", "a\udfffb")),
        lambda: nested(rng.choice((3, 40, 300, 900)), rng),
        lambda: rng.randrange(-(10**6), 10**6) / rng.choice((1, 3, 1000)),
    )
    return rng.choice(kinds)()


def nested(depth: int, rng: Random) -> Any:
    """Lists or objects inside each other."""
    inner: Any = 0
    is_list = rng.random() < 0.5
    for _ in range(depth):
        inner = [inner] if is_list else {"a": inner}
    return inner
