"""Who waits for a compiler is told so, once, and never where nothing has to be compiled."""

from __future__ import annotations

import threading

import numba

from optimiser.basics.compiled import told_compiling


def test_the_first_thing_that_is_compiled_is_told_and_no_other():
    twice, thrice = (numba.njit(lambda number, times=times: times * number) for times in (2, 3))
    told: list[str] = []
    with told_compiling(lambda: told.append("now")):
        assert told == []
        assert twice(4) == 8
        assert told == ["now"]
        beside = threading.Thread(target=thrice, args=(4,))
        beside.start()
        beside.join()
    assert told == ["now"]
    with told_compiling(lambda: told.append("again")):
        assert (twice(5), thrice(5)) == (10, 15)
    assert told == ["now"]
    thrice(0.5)
    assert told == ["now"]
