"""Import workers on an existing Ray cluster: the same reading, one actor a core. The deciding stays in one process.

Files are read where they lie, so the cluster must see them, and the workspace's folder, under the same paths. An actor
that dies takes its file's rows with it: nothing of that file is stored, and importing it again is safe.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from analytics.crew import Edits, Inline, Job, Read, Worker
from analytics.engine import OnRay, ray_address
from analytics.errors import SpiritsafeError
from analytics.segments import Segment
from analytics.sources import Block

MOST_WORKERS = 32  # one process decides what is new, and cannot feed more


class Reader(Inline):
    """What runs on the cluster: it fetches a block's text itself where the block says where that lies."""

    def read(self, block: Block) -> None:
        """See Worker."""
        super().read(block._replace(text=block.place.read()) if block.place else block)


class OnCluster:
    """A worker on the cluster."""

    def __init__(self, ray: Any, job: Job, number: int) -> None:
        self.ray = ray
        self.actor = ray.remote(num_cpus=1, max_restarts=0)(Reader).remote(job, number)
        self.kept: Any = None  # the last order to keep rows; its failure must not pass unseen

    def read(self, block: Block) -> None:
        """See Worker."""
        self.started = self.actor.read.remote(block)

    def found(self) -> Read:
        """See Worker."""
        self._done(self.started)
        answer: Read = self._done(self.actor.found.remote())
        return answer

    def keep(self, edits: Edits) -> None:
        """See Worker."""
        self.kept = self.actor.keep.remote(edits)

    def finish(self) -> Segment | None:
        """See Worker."""
        if self.kept is not None:
            self._done(self.kept)
        answer: Segment | None = self._done(self.actor.finish.remote())
        return answer

    def _done(self, waiting: Any) -> Any:
        try:
            return self.ray.get(waiting)
        except self.ray.exceptions.RayTaskError as error:
            raise SpiritsafeError(f"on the Ray cluster: {error.cause}; nothing of this file was stored") from error
        except self.ray.exceptions.RayError as error:
            told = "an import worker on the Ray cluster died; nothing of this file was stored, so import it again"
            raise SpiritsafeError(f"{told} ({type(error).__name__})") from error


@contextmanager
def cluster_crew(job: Job) -> Iterator[list[Worker]]:
    """As many workers as the cluster has cores; they are let go whatever happens."""
    ray = OnRay(ray_address()).ray
    job.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    cores = int(ray.cluster_resources().get("CPU", 1))
    workers = [OnCluster(ray, job, number) for number in range(max(1, min(MOST_WORKERS, cores)))]
    try:
        yield list(workers)
    finally:
        for worker in workers:
            ray.kill(worker.actor)
