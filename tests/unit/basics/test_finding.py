"""Findings quote foreign files, and are shown on terminals, in logs and on pages."""

from __future__ import annotations

import pytest

from optimiser.basics.finding import shown
from optimiser.basics.findings import Findings


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\x1b[2Jb", r"a\x1b[2Jb"),
        ("a\nERROR b", r"a\nERROR b"),
        ("a\u202etxt.exe", r"a\u202etxt.exe"),
        ("half \ud800", r"half \ud800"),
        ("C1 \x9b1A", r"C1 \x9b1A"),
        ("Göteborg 東京 🚲", "Göteborg 東京 🚲"),
        ("\u200fשלום", "\u200fשלום"),
    ],
)
def test_what_a_screen_would_obey_is_spelled_out(text: str, seen: str):
    assert shown(text) == seen
    findings = Findings()
    findings.error("code", text, source=text, where=text, value=text, hint=text)
    [finding] = findings.items
    assert str(finding) == f"{seen}: {seen}: {seen} ({seen})"
    assert finding.value == seen
