"""Breaks any file as bytes: bits, lengths, encodings, what stands where."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.fuzz import odd

Change = Callable[[bytes, Random], bytes]


def flip_bits(content: bytes, rng: Random) -> bytes:
    broken = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8))):
        if broken:
            broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
    return bytes(broken)


def truncate(content: bytes, rng: Random) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def empty(content: bytes, rng: Random) -> bytes:
    return rng.choice((b"", b"\n", b"\xef\xbb\xbf", b" ", b"\x00"))


def drop(content: bytes, rng: Random) -> bytes:
    begin, end = _span(content, rng)
    return content[:begin] + content[end:]


def repeat(content: bytes, rng: Random) -> bytes:
    begin, end = _span(content, rng)
    return content[:end] + content[begin:end] * rng.choice((1, 1, 2, 50)) + content[end:]


def twice(content: bytes, rng: Random) -> bytes:
    return content * 2


def insert(content: bytes, rng: Random) -> bytes:
    token = rng.choice(odd.TOKENS).encode() if rng.random() < 0.7 else rng.randbytes(rng.choice((1, 4, 64)))
    at = rng.randrange(len(content) + 1)
    return content[:at] + token + content[at:]


def carriage_returns(content: bytes, rng: Random) -> bytes:
    return content.replace(b"\n", rng.choice((b"\r", b"\r\n", b"\n\n", b"\n\r", b"")))


def recode(content: bytes, rng: Random) -> bytes:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return flip_bits(content, rng)
    return text.encode(rng.choice(("utf-16", "utf-16-le", "utf-32", "latin-1", "utf-8-sig", "cp037")), "replace")


def _span(content: bytes, rng: Random) -> tuple[int, int]:
    begin = rng.randrange(len(content) + 1)
    return begin, min(len(content), begin + rng.choice((1, 2, 10, 100, 1000)))


CHANGES: tuple[Change, ...] = (*(flip_bits, truncate, empty, drop, repeat, twice, insert, carriage_returns, recode),)
