"""Where the work on shards runs: in processes of this machine, or as one task a shard on an existing Ray
cluster.

The work is the same function either way. Shards are read where they lie, so a cluster must see the workspace's
folder; only what is kept of a shard travels back.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from analytics.errors import InputError, MissingExtra, SpiritsafeError
from analytics.workspace import SQL

Job = TypeVar("Job")
Found = TypeVar("Found")

ENGINES = ("local", "ray")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
WORKERS = "SPIRITSAFE_WORKERS"  # processes that share this machine's memory, for the store's limits
WORTH_A_PROCESS = 300_000  # rows; starting processes takes about two seconds
RETRIES = 4  # of one shard, when the machine that works on it goes away
NOT_SHIPPED = [".git", ".venv", "workspace", "tests", "docs", "data/samples", "benchmarks", "requirements.lock"]


class Engine(Protocol):
    """Runs one function over many jobs."""

    def run(self, work: Callable[[Job], Found], jobs: Sequence[Job]) -> Iterator[Found]:
        """What the work gave for each job, in order."""


class Inline:
    """One job after the other in this process: for work that is done before a process has started."""

    def run(self, work: Callable[[Job], Found], jobs: Sequence[Job]) -> Iterator[Found]:
        """See Engine."""
        return map(work, jobs)


class Local:
    """A process a core. Work that is mostly Python gains by them what DuckDB's threads cannot give."""

    def run(self, work: Callable[[Job], Found], jobs: Sequence[Job]) -> Iterator[Found]:
        """See Engine."""
        workers = min(len(jobs), os.cpu_count() or 1)
        if workers < 2:
            yield from map(work, jobs)
            return
        context = multiprocessing.get_context("spawn")
        with (
            one_thread_each(),
            ProcessPoolExecutor(workers, context, initializer=_be_one_of, initargs=(workers,)) as pool,
        ):
            yield from pool.map(work, jobs)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Processes that are started here use one thread for arithmetic: several each would be in each other's way."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _be_one_of(workers: int) -> None:
    """Share memory and cores with the other workers, and stop with the process that started this one."""
    os.environ[WORKERS] = str(workers)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class OnRay:
    """One Ray task a job. A task whose machine dies is run again elsewhere."""

    def __init__(self, address: str) -> None:
        self.ray = _ray()
        if not self.ray.is_initialized():
            self.ray.init(address=address, log_to_driver=False, runtime_env=_runtime())

    def run(self, work: Callable[[Job], Found], jobs: Sequence[Job]) -> Iterator[Found]:
        """See Engine."""
        remote = self.ray.remote(max_retries=RETRIES, num_cpus=1)(work)
        for waiting in [remote.remote(job) for job in jobs]:
            try:
                yield self.ray.get(waiting)
            except self.ray.exceptions.RayTaskError as error:
                raise SpiritsafeError(f"on the Ray cluster: {error.cause}") from error
            except self.ray.exceptions.RayError as error:
                raise SpiritsafeError(f"the Ray cluster gave up on a shard after {RETRIES} tries: {error}") from error


def find_engine(name: str, rows: int) -> Engine:
    """The engine called ``name``, for so many rows. InputError for another name or when RAY_ADDRESS is not set."""
    if name == "local":
        return Local() if rows >= WORTH_A_PROCESS else Inline()
    if name != "ray":
        raise InputError(f"--engine {name}: must be one of {', '.join(ENGINES)}")
    return OnRay(ray_address())


def ray_address() -> str:
    """Where the cluster is. InputError when nobody has said."""
    address = os.environ.get("RAY_ADDRESS")
    if not address:
        raise InputError("--engine ray: set RAY_ADDRESS to the cluster's address, as in RAY_ADDRESS=10.0.0.1:6379")
    return address


def _ray() -> Any:
    try:
        import ray
    except ImportError:
        raise MissingExtra("ray", "ray") from None
    return ray


def _runtime() -> dict[str, Any]:
    """Ships this code to the cluster; the libraries must be there already."""
    return {"working_dir": str(SQL.parent), "excludes": NOT_SHIPPED, "env_vars": {"RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0"}}
