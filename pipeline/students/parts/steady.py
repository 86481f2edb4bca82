"""Sums in the same order, so that the same work gives the same bytes."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def steady_sums() -> Iterator[None]:
    """One thread for linear algebra: with more, partial sums may be added in another order each run."""
    threadpoolctl = importlib.import_module("threadpoolctl")  # comes with scikit-learn; has no types
    with threadpoolctl.threadpool_limits(limits=1, user_api="blas"):
        yield


def stay_steady() -> None:
    """``steady_sums`` from now on, for a process that serves: turning it on and off at each request wakes threads that
    then spin beside the requests, and looking for the libraries takes 3 ms.
    """
    importlib.import_module("threadpoolctl").ThreadpoolController().limit(limits=1, user_api="blas")
