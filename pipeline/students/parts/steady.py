"""Sums in the same order, so that the same work gives the same bytes."""

import importlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager


@contextmanager
def steady_sums() -> Iterator[None]:
    """One thread for linear algebra: with more, partial sums may be added in another order each run."""
    threadpoolctl = importlib.import_module("threadpoolctl")  # comes with scikit-learn; has no types
    with threadpoolctl.threadpool_limits(limits=1, user_api="blas"):
        yield


def keep_steady() -> Callable[[], AbstractContextManager[object]]:
    """``steady_sums`` for who enters it at every request: the libraries are looked for once (3 ms), at this call."""
    found = importlib.import_module("threadpoolctl").ThreadpoolController()
    return lambda: found.limit(limits=1, user_api="blas")
