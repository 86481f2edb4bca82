"""One core: the matrices of a forecast are so small that threads of the linear algebra only wait for each other."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Linear algebra on one thread, which made a forecast several times as fast on two cores."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # scikit-learn brings it

    with threadpool_limits(limits=1):
        yield
