"""One thread: where matrices are small or the machine is busy, threads of a library only wait for each other."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Linear algebra and trees on one thread, which made a forecast several times as fast on two cores."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield
