"""Training in several processes of this machine: ``torchrun`` starts this module once a GPU.

The worker of the run writes the job beside its checkpoints and waits; the first process leaves weights and outcome
there. Processes that are killed go on from the newest checkpoint when the run is resumed, like any other training.
"""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from analytics.errors import SpiritsafeError
from pipeline.artifacts import read_json, write_json
from pipeline.base_models import find_base
from pipeline.contracts import Training
from pipeline.launch_options import LaunchOptions
from pipeline.students import Lessons, Setup
from pipeline.students.neural.group import Group
from pipeline.students.neural.loop import Outcome

JOB, RESULT, WEIGHTS = "job.json", "outcome.json", "trained.safetensors"


def train_apart(lessons: Lessons, setup: Setup) -> tuple[Outcome, dict[str, Any]]:
    """Outcome and trained weights of a training in ``setup.launch.gpus`` processes. Raises SpiritsafeError."""
    from safetensors.torch import load_file

    if setup.scratch is None:
        raise SpiritsafeError("training in several processes needs a run: its folder is where they meet")
    folder = setup.scratch / "group"
    folder.mkdir(exist_ok=True, mode=0o700)
    write_json(folder / JOB, _job(lessons, setup))
    (folder / RESULT).unlink(missing_ok=True)
    code = subprocess.run(_command(setup.launch.gpus, folder), check=False).returncode
    if code or not (folder / RESULT).exists():
        raise SpiritsafeError(
            f"training in {setup.launch.gpus} processes ended with code {code}; what they said is in the run's log, "
            "and the newest checkpoint is kept: resume the run"
        )
    outcome: dict[str, Any] = read_json(folder / RESULT)
    return Outcome(**outcome), load_file(folder / WEIGHTS)


def _command(processes: int, folder: Path) -> list[str]:
    start = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    return [*start, "-m", __name__, str(folder)]


def _job(lessons: Lessons, setup: Setup) -> dict[str, Any]:
    chosen = {
        name: value for name, value in vars(setup).items() if name not in ("say", "scratch", "training", "launch")
    }
    plain = {"scratch": str(setup.scratch), "training": asdict(setup.training), "launch": asdict(setup.launch)}
    return {"lessons": vars(lessons), "setup": chosen | plain}


def _read(folder: Path) -> tuple[Lessons, Setup]:
    job = json.loads((folder / JOB).read_text("utf-8"))
    data: dict[str, Any] = job["setup"]
    chosen = data.pop("launch")
    launch = LaunchOptions(**(chosen | {"report_to": tuple(chosen["report_to"])}))
    training, scratch = Training(**data.pop("training")), Path(data.pop("scratch"))
    return Lessons(**job["lessons"]), Setup(**data, training=training, launch=launch, scratch=scratch)


def main(folder: Path) -> None:
    """One process of the group."""
    import torch
    import torch.distributed as dist
    from safetensors.torch import save_file

    from pipeline.students.neural import checkpoints, recipe
    from pipeline.students.parts.steady import steady_sums

    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    has_gpu = torch.cuda.is_available()
    dist.init_process_group("nccl" if has_gpu else "gloo")
    group = Group(dist.get_rank(), dist.get_world_size())
    if has_gpu:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    lessons, setup = _read(folder)
    with steady_sums():
        model, outcome, _ = recipe.run(find_base(setup.base), lessons, setup, group)
    if group.leads:
        save_file(checkpoints.trained(model), folder / WEIGHTS)
        write_json(folder / RESULT, asdict(outcome))
    group.wait()
    dist.destroy_process_group()


def _end_with_parent(parent: int) -> None:
    """A killed worker must not leave its processes training."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
