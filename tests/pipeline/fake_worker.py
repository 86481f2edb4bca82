"""A worker with stages of milliseconds, started by tests as a process of its own: fake_worker.py HOME RUN.

A file ``hold-STAGE`` in the workspace keeps that stage going; ``fail-STAGE`` holds the name of an error to raise;
``slow`` makes every stage last a while.
"""

import errno
import json
import sys
import time
from pathlib import Path

from analytics import errors
from analytics.workspace import Workspace
from pipeline import registry, worker
from pipeline.contracts import STAGES, PlanSpec, StageInputs, StageResult

HOLD_LIMIT_S = 60.0
SLOW_STAGE_S = 0.2


def make_stage(name):
    def run(spec: PlanSpec, inputs: StageInputs, out: Path) -> StageResult:
        (out / "half.txt").write_text("written before the stage is held")
        _hold(inputs.home / f"hold-{name}")
        time.sleep(SLOW_STAGE_S if (inputs.home / "slow").exists() else 0)
        if (fail := inputs.home / f"fail-{name}").exists():
            raise _error(fail.read_text(), f"{name} would not do")
        (out / "made.json").write_text(json.dumps({"stage": name, "after": sorted(inputs.folders), "seed": spec.seed}))
        (out / "timings.json").write_text(json.dumps({"at": time.time()}))
        if name == "train":
            (out / "student").mkdir()
            (out / "student" / "weights.json").write_text(json.dumps({"seed": spec.seed}))
        if name == "register":
            _register(spec, inputs, out)
        return StageResult(100, 90, {"stage": name})

    return run


def _error(name: str, message: str) -> Exception:
    return OSError(errno.ENOSPC, message) if name == "disk full" else getattr(errors, name, ValueError)(message)


def _register(spec: PlanSpec, inputs: StageInputs, out: Path) -> None:
    (out / "half.txt").unlink()
    (out / "made.json").unlink()
    card = {"kind": spec.student, "task_id": spec.task_id, "run_id": inputs.run_id, "seed": spec.seed}
    registry.assemble(
        out, card | {"latency_ms": {"p50": time.time()}}, {"student": inputs.folders["train"] / "student"}
    )


def _hold(file: Path) -> None:
    deadline_s = time.monotonic() + HOLD_LIMIT_S
    while file.exists() and time.monotonic() < deadline_s:
        time.sleep(0.02)


TABLE = {name: make_stage(name) for name in STAGES}

if __name__ == "__main__":
    sys.exit(worker.execute(Workspace(Path(sys.argv[1])), sys.argv[2], TABLE))
