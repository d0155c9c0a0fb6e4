"""
The text of a key, `evf_<prefix>_<secret>`: made once, shown once, kept as a hash.

The prefix finds the row and may be seen by anybody. The secret is 256 random bits, so that a plain SHA-256 keeps it:
there is nothing to guess that a slow hash would protect.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

PREFIX_BYTES, SECRET_BYTES = 6, 32

ID = re.compile(rf"key_[0-9a-f]{{{2 * PREFIX_BYTES}}}", re.ASCII)
TEXT = re.compile(rf"evf_([0-9a-f]{{{2 * PREFIX_BYTES}}})_([0-9a-f]{{{2 * SECRET_BYTES}}})", re.ASCII)

# Wider than the above: also a key that was cut short, or spelt in capitals, is none of a log's business.
_LIKE_A_KEY = re.compile(r"(evf_[0-9a-z]{4,16})_[0-9a-z]+", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key at the only moment when its text is known."""

    id: str
    text: str
    sha256: str


def make_key() -> NewKey:
    """A key that nobody has seen."""
    prefix = secrets.token_hex(PREFIX_BYTES)
    text = f"evf_{prefix}_{secrets.token_hex(SECRET_BYTES)}"
    return NewKey(id=f"key_{prefix}", text=text, sha256=_sha256(text))


def id_of(text: str) -> str | None:
    """Id of the row that this key would have; None for what is no key at all."""
    found = TEXT.fullmatch(text)
    return f"key_{found[1]}" if found else None


def is_key(text: str, sha256: str | None) -> bool:
    """Whether `text` is the key whose hash was kept, in a time that says nothing of either; None = there is no such."""
    return hmac.compare_digest(_sha256(text), sha256 or _sha256("")) and sha256 is not None


def holds_key(text: str) -> bool:
    """Whether there is something like a key in `text`."""
    return _LIKE_A_KEY.search(text) is not None


def hide_keys(text: str) -> str:
    """The text with the secret of every key in it blotted out."""
    return _LIKE_A_KEY.sub(r"\1_***", text)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
