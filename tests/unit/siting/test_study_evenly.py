"""How evenly floors give way where the time is short, and what is said of shares that are not settled."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimiser.siting import evenly
from optimiser.siting.exact import Even
from optimiser.siting.lowered import Ending
from optimiser.siting.solve import solve
from tests.siting_studies import SLOW, point, site, study, wishes
from tests.unit.siting.conflicts import LIMITS, SEARCHED

EACH = SLOW.sessions_per_hour(1) / 0.1 / 2 / 10
"""Of ten drivers in each of two districts, the share that one plug serves where it serves as many of both."""


def one_plug_for_two():
    """A plug stands, and money for another is lacking; with two plugs more both floors would be kept."""
    return study(
        [point(id_, 10, segment="drivers", district=id_) for id_ in ("west", "east")],
        [site("A", plugs={"slow": 1}, kinds=frozenset({"slow"}))],
        [{"A": 10}, {"A": 10}],
        districts=("west", "east"),
        wishes=wishes(0.0, floor=2 * EACH),
    )


def floors_told(limits=LIMITS):
    return [item for item in solve(one_plug_for_two(), limits).conflicts if item.rule == "floor"]


def test_where_no_floors_can_give_way_less_nothing_is_said_of_more_seconds():
    for item in floors_told():
        assert item.possible == pytest.approx(EACH, abs=1e-5)
        assert item.text.endswith("were reached; no plan within the limits keeps all floors")


def test_a_share_that_is_not_settled_says_that_more_seconds_may_reach_more(monkeypatch):
    real = evenly.even_exactly
    monkeypatch.setattr(evenly, "even_exactly", lambda *args, **given: replace(real(*args, **given), bound=1.0))
    told = floors_told()
    assert len(told) == 2
    for item in told:
        assert "were reached in the time there was, and more seconds may reach more; no plan" in item.text
        assert (item.is_proven, item.is_impossible) == (False, True)


def test_where_the_programme_finds_nothing_in_its_time_a_search_does(monkeypatch):
    nothing = Even(built=((), ()), share=0.0, bound=1.0)
    monkeypatch.setattr(evenly, "even_exactly", lambda *_, **__: nothing)
    monkeypatch.setattr(evenly, "_held_back", lambda *_: pytest.fail("nothing was found that could be held back"))
    for item in floors_told(SEARCHED):
        assert item.possible > 0.5 * EACH


def test_endings_that_speak_of_more_seconds_do_so_once():
    for ending in (Ending.OPEN, Ending.OPEN_FOR_ALL):
        assert ending.told(is_settled=False) == ending.told(is_settled=True) == ending
    assert Ending.PROVEN.told(is_settled=True) == Ending.PROVEN
    more = " in the time there was, and more seconds may reach more"
    assert Ending.PROVEN.told(is_settled=False) == f"{more}{Ending.PROVEN}"
