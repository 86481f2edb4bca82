"""A Ray cluster that is there already (``RAY_ADDRESS``): the same worker, started on whichever node has room.

A small detached actor holds the place on the cluster and starts ``spiritsafe runs exec RUN`` on its node. The
workspace, and pairs that a plan names, must be seen there under the same paths. The lease tells whether the worker
lives: on another node by its heartbeat alone.
"""

import socket
from typing import Any

from analytics.engine import OnRay, ray_address
from analytics.errors import SpiritsafeError
from analytics.workspace import Workspace
from pipeline.launchers import local
from pipeline.lease import Owner, process_lives

START_S = 120.0  # to find a place and start
NAMESPACE = "spiritsafe"  # so that a later command finds the holder again


class Holder:
    """Holds a core (and a GPU, where the cluster has them) for as long as the worker lives."""

    def start(self, home: str, run_id: str) -> dict[str, Any]:
        """Start the worker on this node."""
        from pathlib import Path

        self.owner = local.start(Workspace(Path(home)), run_id)
        return vars(self.owner) | {"node": socket.gethostname()}

    def lives(self) -> bool:
        """Whether it still runs."""
        return process_lives(self.owner)


def start(workspace: Workspace, run_id: str) -> Owner:
    """Ask the cluster for a place and start the worker there. Raises SpiritsafeError when it gives none in time."""
    ray = OnRay(ray_address()).ray
    _let_go(ray, run_id)
    gpus = 1 if ray.cluster_resources().get("GPU") else 0
    holder = ray.remote(num_cpus=1, num_gpus=gpus, max_restarts=0)(Holder)
    actor = holder.options(name=f"spiritsafe-{run_id}", namespace=NAMESPACE, lifetime="detached").remote()
    try:
        found = ray.get(actor.start.remote(str(workspace.home), run_id), timeout=START_S)
    except ray.exceptions.RayError as error:
        ray.kill(actor)
        raise SpiritsafeError(f"the Ray cluster did not start the worker: {error}") from error
    return Owner(found["host"], found["pid"], found["process_started_at"])


def _let_go(ray: Any, run_id: str) -> None:
    """The place of an earlier worker of this run, which has ended."""
    try:
        ray.kill(ray.get_actor(f"spiritsafe-{run_id}", NAMESPACE))
    except ValueError:  # there is none
        return
