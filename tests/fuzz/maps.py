"""Breaks OpenStreetMap files: XML by its tags, PBF by its blobs, also behind their compression."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from random import Random

from tests.fuzz import odd, raw

ATTRIBUTE = re.compile(rb'="([^"]*)"')
TAG = re.compile(rb"<[^>]+>")


def change_xml(content: bytes, rng: Random) -> bytes:
    for _ in range(rng.choice((1, 1, 2, 3))):
        content = rng.choice(XML_CHANGES)(content, rng)
    return content


def _attribute(content: bytes, rng: Random) -> bytes:
    found = list(ATTRIBUTE.finditer(content))
    if not found:
        return content
    place = rng.choice(found)
    new = rng.choice((*odd.TOKENS, *map(str, odd.NUMBERS), rng.choice(found)[1].decode(errors="replace")))
    return content[: place.start(1)] + new.replace('"', "&quot;").encode() + content[place.end(1) :]


def _tag_gone(content: bytes, rng: Random) -> bytes:
    tag = rng.choice(list(TAG.finditer(content)) or [None])
    return content if tag is None else content[: tag.start()] + content[tag.end() :]


def _tag_again(content: bytes, rng: Random) -> bytes:
    tag = rng.choice(list(TAG.finditer(content)) or [None])
    return content if tag is None else content[: tag.end()] + tag[0] * rng.choice((1, 3, 3000)) + content[tag.end() :]


def _entities(content: bytes, rng: Random) -> bytes:
    """Entities that mean each other a billion times, or a file of the machine."""
    lol = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 12))
    dtd = rng.choice((b'<!ENTITY l0 "lol">' + lol, b'<!ENTITY l11 SYSTEM "file:///etc/passwd">', b""))
    head, sign, rest = content.partition(b"?>")
    body = rest.replace(b'v="', b'v="&l11;', 1) if rng.random() < 0.7 else rest
    return head + sign + b"<!DOCTYPE osm [" + dtd + b"]>" + body


def _many_attributes(content: bytes, rng: Random) -> bytes:
    many = b"".join(b' a%d=""' % number for number in range(rng.choice((10, 1000, 20_000))))
    return content.replace(b"<node", b"<node" + many, 1)


XML_CHANGES: tuple[Callable[[bytes, Random], bytes], ...] = (
    *(_attribute, _attribute, _attribute, _tag_gone, _tag_again, _entities, _many_attributes),
    *(raw.flip_bits, raw.drop, raw.insert),
)


def change_pbf(content: bytes, rng: Random) -> bytes:
    """A blob that says something else, lies about its size, comes twice, or not at all."""
    blobs = list(blobs_of(content))
    at = rng.randrange(len(blobs))
    kind, inner = blobs[at]
    broken = rng.choice(RAW_CHANGES)(inner, rng)
    lies = rng.choice((None, None, None, 0, 1, 2**31 - 1, 2**32, len(broken) - 1, 40_000_000))
    changed = (kind, broken) if rng.random() < 0.8 else (rng.choice((b"OSMData", b"OSMHeader", b"x" * 70_000)), inner)
    written = [blob(*pair) for pair in blobs]
    written[at : at + 1] = rng.choice(([blob(*changed, said=lies)], [blob(*changed)], [written[at]] * 2, []))
    return b"".join(written)


RAW_CHANGES = (raw.flip_bits, raw.flip_bits, raw.truncate, raw.drop, raw.repeat, raw.insert)


def blobs_of(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content, decompressed, of every blob in a file of ours."""
    at = 0
    while at < len(content):
        (size,) = struct.unpack(">I", content[at : at + 4])
        header = dict(fields_of(content[at + 4 : at + 4 + size]))
        at += 4 + size
        data = dict(fields_of(content[at : at + int(header[3])]))
        at += int(header[3])
        yield bytes(header[1]), bytes(data[1]) if 1 in data else zlib.decompress(bytes(data[3]))


def fields_of(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Numbers and values of a protobuf message; numbers and texts are all that blobs hold."""
    at = 0
    while at < len(message):
        key, at = _varint_at(message, at)
        value, at = _varint_at(message, at)
        if key & 7 == 2:
            yield key >> 3, message[at : at + value]
            at += value
        else:
            yield key >> 3, value


def blob(kind: bytes, content: bytes, *, said: int | None = None) -> bytes:
    """A blob with its header, compressed; `said` is how large it claims to be."""
    data = b"\x10" + varint(len(content) if said is None else said) + _text(3, zlib.compress(content))
    header = _text(1, kind) + b"\x18" + varint(len(data))
    return struct.pack(">I", len(header)) + header + data


def varint(number: int) -> bytes:
    """As protobuf writes whole numbers: of 64 bits, those below zero as their complement."""
    parts = bytearray()
    number &= 2**64 - 1
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def _text(field: int, content: bytes) -> bytes:
    return bytes([field << 3 | 2]) + varint(len(content)) + content


def _varint_at(message: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        number |= (message[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if message[at - 1] < 128:
            return number, at
