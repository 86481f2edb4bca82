"""What training took: its peak of memory and its pace, written into the run's folder and read by the next plan."""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from analytics.workspace import Workspace
from pipeline.artifacts import read_json, write_json

FILE, PREDICTED = "training.json", "predicted.json"
NEWEST = 5  # trainings that the pace is taken from


@dataclass(frozen=True)
class MeasuredTraining:
    """One training, as its own worker saw it."""

    device: str  # cpu, cuda
    peak_bytes: int | None  # of the process on a CPU, of the allocator on a GPU; None: this system does not say
    seconds: float
    tokens: int  # useful ones
    flops_per_s: float  # by the formula of ``training_time``

    def save(self, folder: Path) -> None:
        """Beside the stages of the run."""
        write_json(folder / FILE, asdict(self))


def watch_peak() -> None:
    """Begin to look for the highest use of memory from here on."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # resets what Linux remembers as the peak of this process
    if _on_cuda():
        import torch

        torch.cuda.reset_peak_memory_stats()


def peak_bytes() -> int | None:
    """The highest use since ``watch_peak`` [bytes]."""
    if _on_cuda():
        import torch

        return int(torch.cuda.max_memory_allocated())
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return None


def paces(workspace: Workspace, device: str) -> list[float]:
    """Work a second of the newest trainings on such a device in this workspace [FLOP / s]."""
    if not workspace.runs.exists():
        return []
    files = sorted(workspace.runs.glob(f"*/{FILE}"), key=lambda path: path.stat().st_mtime, reverse=True)
    found = []
    for path in files:
        with suppress(OSError, ValueError, KeyError):
            row = json.loads(path.read_text("utf-8"))
            if row["device"] == device and row["flops_per_s"] > 0:
                found.append(float(row["flops_per_s"]))
    return found[:NEWEST]


def compared(folder: Path) -> dict[str, object] | None:
    """Predicted beside measured, of one run; None where neither is there."""
    predicted, measured = ({}, {})
    with suppress(OSError, ValueError):
        predicted = read_json(folder / PREDICTED)
    with suppress(OSError, ValueError):
        measured = read_json(folder / FILE)
    if not (predicted or measured):
        return None
    peak = measured.get("peak_bytes")
    return {
        "predicted_gb": predicted.get("needed_gb"),
        "peak_gb": round(peak / 1e9, 2) if isinstance(peak, int) else None,
        "predicted_train_s": predicted.get("seconds"),
        "train_s": measured.get("seconds"),
    }


def _on_cuda() -> bool:
    import sys

    torch = sys.modules.get("torch")
    return torch is not None and torch.cuda.is_available()
