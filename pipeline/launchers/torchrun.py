"""Several GPUs of this machine: a detached worker as ever, whose training stage starts one process a GPU.

The stages before and after training need one process only, so it is training that ``torchrun`` multiplies
(``pipeline/students/neural/distributed.py``), not the worker.
"""

from analytics.workspace import Workspace
from pipeline.launchers import local
from pipeline.lease import Owner


def start(workspace: Workspace, run_id: str) -> Owner:
    """As the local launcher; how many processes train stands in the run's launch options."""
    return local.start(workspace, run_id)
