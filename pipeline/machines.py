"""What a machine offers to training: memory, and work a second. No heavy library is started to find out."""

import os
import shutil
import subprocess
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import psutil

from analytics.errors import UnknownName

GB = 1e9
# Share of the data sheet's dense bf16 that the loop reached on an H100 (docs/experiments.md, 24 November 2026).
REACHED = 0.23
# Float32 that the loop reached on one core of the machine of docs/experiments.md: 185 useful tokens/s on two cores.
FLOPS_A_CORE = 42e9
CUDA_CONTEXT_GB = 0.6  # taken by the driver beside what a program asks for


@dataclass(frozen=True)
class Machine:
    """Where a student could be trained."""

    name: str
    device: str  # cpu, cuda
    memory_gb: float  # 1e9 bytes; all of it
    available_gb: float  # of it, free now
    flops: float  # that training reaches, by default [FLOP / s]


def _gpu(name: str, memory_gb: float, peak_tflops: float) -> Machine:
    free = memory_gb - CUDA_CONTEXT_GB
    return Machine(name, "cuda", memory_gb, free, REACHED * peak_tflops * 1e12)


# Memory, and dense bf16 without sparsity, from NVIDIA's data sheets.
GPUS = (
    _gpu("RTX 4090", 24, 165),
    _gpu("L4", 24, 121),
    _gpu("A100 40 GB", 40, 312),
    _gpu("L40S", 48, 362),
    _gpu("A100 80 GB", 80, 312),
    _gpu("H100", 80, 989),
    _gpu("H200", 141, 989),
)


def find_machine(name: str | None) -> Machine:
    """A GPU by name, ``cpu``, or this machine where no name is given. Raises UnknownName."""
    if name is None:
        return this_machine()
    if name.lower() == "cpu":
        return _this_cpu()
    by_name = {gpu.name.lower().replace(" ", "-"): gpu for gpu in GPUS}
    wanted = name.lower().replace(" ", "-")
    found = by_name.get(wanted) or next((gpu for key, gpu in by_name.items() if key.startswith(wanted)), None)
    if found is None:
        raise UnknownName("machine", name, [*by_name, "cpu"])
    return found


def this_machine() -> Machine:
    """The first GPU of this machine, else its processor and memory."""
    return _this_gpu() or _this_cpu()


def _this_cpu() -> Machine:
    memory = psutil.virtual_memory()
    cores = int(os.environ.get("OMP_NUM_THREADS") or 0) or psutil.cpu_count(logical=False) or 1
    limit = min(memory.total, _cgroup_limit() or memory.total)
    available = min(memory.available, limit)
    return Machine(f"this CPU, {cores} cores", "cpu", limit / GB, available / GB, cores * FLOPS_A_CORE)


def _cgroup_limit() -> int | None:
    try:
        text = Path("/sys/fs/cgroup/memory.max").read_text("ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


@lru_cache(maxsize=1)
def _this_gpu() -> Machine | None:
    """What the driver says; None where there is none, or where GPUs are hidden."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1") or shutil.which("nvidia-smi") is None:
        return None
    query = ["nvidia-smi", "--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=10, check=True).stdout
        name, total, free = (part.strip() for part in answer.splitlines()[0].split(","))
        total_gb, free_gb = (float(mib) * 2**20 / GB for mib in (total, free))
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None
    like = next((gpu for gpu in reversed(GPUS) if gpu.name.split()[0] in name), GPUS[0])
    return replace(like, name=name, memory_gb=total_gb, available_gb=free_gb - CUDA_CONTEXT_GB)
