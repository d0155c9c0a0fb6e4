"""Every code and kind that a report may tell is on the page that says what can be done about it."""

from __future__ import annotations

import re
from pathlib import Path

from optimiser.rebalancing.check import RULES
from optimiser.rebalancing.why_not import Code, Kind
from optimiser.rebalancing.why_not.answer import code_of
from optimiser.reporting import words

PAGE = (Path(__file__).resolve().parents[3] / "docs/why-not.md").read_text()
CODES = {*(code.value for code in Code), "FAR_FROM_STREET"}


def test_the_page_and_the_report_know_every_code():
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", PAGE, flags=re.MULTILINE)) == CODES
    assert set(words.REASONS) == CODES


def test_the_page_and_the_report_know_every_kind():
    table = PAGE.split("## Kinds")[1].split("## Codes")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE)) == set(words.KINDS) == {*Kind}


def test_every_rule_that_more_work_can_break_has_a_code():
    # A plan with more work names what exists, has one route a van, and no stop without anything to do.
    for rule in set(RULES) - {"known_ids", "one_route_per_van", "whole_bikes"}:
        assert code_of(rule) in Code
