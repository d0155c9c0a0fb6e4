"""Linear algebra is held to one thread for as long as anybody holds it."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import scipy

from optimiser.basics import blas


def threads():
    return [get() for get, _ in blas._found()]


def put_all(counts):
    for (_, put), count in zip(blas._found(), counts, strict=True):
        put(count)


@pytest.fixture
def two_threads():
    before = threads()
    put_all([2] * len(before))
    yield threads()
    put_all(before)


def test_the_last_one_that_holds_it_lets_go(two_threads):
    with blas.one_blas_thread():
        with blas.one_blas_thread():
            assert all(count == 1 for count in threads())
        assert all(count == 1 for count in threads())
    assert threads() == two_threads


def test_one_thread_of_ours_may_let_go_before_another_that_began_later(two_threads):
    first, second = blas.one_blas_thread(), blas.one_blas_thread()
    first.__enter__()
    other = threading.Thread(target=second.__enter__)
    other.start()
    other.join()
    first.__exit__(None, None, None)
    assert all(count == 1 for count in threads())
    second.__exit__(None, None, None)
    assert threads() == two_threads


def test_an_error_lets_go_as_well(two_threads):
    with pytest.raises(RuntimeError), blas.one_blas_thread():
        raise RuntimeError
    assert threads() == two_threads


@pytest.mark.parametrize("name", ["no.such.module", "sys", "numpy"])
def test_what_is_no_library_is_passed_over(name, monkeypatch):
    # Not there, built into Python, and a file that cannot be opened as a library.
    monkeypatch.setattr(blas, "LIBRARIES", (name,))
    with blas.one_blas_thread():
        assert not threads()


def test_a_library_without_openblas_is_left_alone(monkeypatch):
    monkeypatch.setattr(blas, "LIBRARIES", ("_ctypes",))
    with blas.one_blas_thread():
        assert not threads()


def test_wheels_of_numpy_and_scipy_are_both_held():
    made = [of.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"] for of in (np, scipy)]
    if not all("openblas" in name for name in made):
        pytest.skip("NumPy and SciPy have another linear algebra here")
    assert len(threads()) == len(blas.LIBRARIES)
