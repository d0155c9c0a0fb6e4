"""Linear algebra is held to one thread for as long as anybody holds it."""

from __future__ import annotations

from optimiser.basics import blas


def threads():
    return [get() for get, _ in blas._found()]


def test_the_last_one_that_holds_it_lets_go():
    for _, put in blas._found():
        put(2)
    before = threads()
    with blas.one_blas_thread():
        with blas.one_blas_thread():
            assert all(count == 1 for count in threads())
        assert all(count == 1 for count in threads())
    assert threads() == before


def test_numpy_and_scipy_are_both_found():
    # As long as their wheels bring OpenBLAS; without it nothing would be held.
    assert len(threads()) == len(blas.LIBRARIES)
