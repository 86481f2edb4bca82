"""Checkpoints that are whole or not there, hold everything, and contain no pickled code.

Weights that are trained, the optimizer's moments, the state of the random numbers: safetensors. Step, order of the
data, learning rate: JSON. Every file's hash is in the manifest; a folder that does not verify is passed over.
"""

import errno
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from analytics.errors import SpiritsafeError
from pipeline import artifacts

KEPT = 2
ROOM = 3  # checkpoints' worth of free disk before training begins
STATE, WEIGHTS, OPTIMIZER = "state.json", "weights.safetensors", "optimizer.safetensors"


@dataclass(frozen=True)
class Progress:
    """Where training stands."""

    step: int  # optimizer steps done
    order: str  # hash of the order of this epoch's batches
    rate_scale: float  # halved by each rollback
    rollbacks: int
    losses: tuple[float, ...]  # of the newest steps, for the guard
    token_budget: int
    tokens: int = 0  # useful tokens seen


def save(folder: Path, model: Any, optimizer: Any, progress: Progress) -> None:
    """Write aside, hash, sync, rename; then drop all but the newest two."""
    import torch
    from safetensors.torch import save_file

    aside = folder / ".part"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True, mode=0o700)
    try:
        save_file(trained(model), aside / WEIGHTS)
        save_file(_moments(model, optimizer) | {"random_state": torch.get_rng_state()}, aside / OPTIMIZER)
        artifacts.write_json(aside / STATE, asdict(progress))
        artifacts.seal(aside)
        artifacts.publish(aside, folder / f"step-{progress.step:08d}")
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        if error.errno == errno.ENOSPC:
            raise SpiritsafeError(_no_room(folder, model)) from error
        raise
    for old in steps(folder)[:-KEPT]:
        shutil.rmtree(old)


def steps(folder: Path) -> list[Path]:
    """Checkpoint folders, oldest first."""
    return sorted(folder.glob("step-*")) if folder.exists() else []


def newest(folder: Path, before: int | None = None) -> Path | None:
    """The newest checkpoint that verifies; damaged ones are removed."""
    for path in reversed(steps(folder)):
        if before is not None and int(path.name.removeprefix("step-")) > before:
            continue
        if artifacts.sealed_hash(path) is not None and all(
            (path / name).exists() for name in (STATE, WEIGHTS, OPTIMIZER)
        ):
            return path
        shutil.rmtree(path, ignore_errors=True)
    return None


def load(path: Path, model: Any, optimizer: Any) -> Progress:
    """Put everything back as it was."""
    import torch
    from safetensors.torch import load_file

    weights = load_file(path / WEIGHTS)
    with torch.no_grad():
        for name, parameter in trainable(model).items():
            parameter.copy_(weights[name])
    kept = load_file(path / OPTIMIZER)
    torch.set_rng_state(kept.pop("random_state"))
    _restore(model, optimizer, kept)
    state: dict[str, Any] = artifacts.read_json(path / STATE)
    return Progress(**(state | {"losses": tuple(state["losses"])}))


def trainable(model: Any) -> dict[str, Any]:
    """The parameters that learn, by name, in a fixed order."""
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}


def trained(model: Any) -> dict[str, Any]:
    """Copies of them on the CPU."""
    return {name: parameter.detach().cpu().contiguous().clone() for name, parameter in trainable(model).items()}


def require_room(folder: Path, model: Any) -> None:
    """Refuse to start where three checkpoints would not fit. Raises SpiritsafeError."""
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < ROOM * size_bytes(model):
        raise SpiritsafeError(_no_room(folder, model))


def size_bytes(model: Any) -> int:
    """A checkpoint on disk: the weights that learn, and two moments of each in 32 bits."""
    return sum(parameter.numel() * (parameter.element_size() + 8) for parameter in trainable(model).values())


def _no_room(folder: Path, model: Any) -> str:
    free, needed = shutil.disk_usage(folder).free, ROOM * size_bytes(model)
    return (
        f"the disk is full: checkpoints in {folder} need {needed / 1e6:,.0f} MB and {free / 1e6:,.0f} MB are free. "
        "The last good one is kept; free some space, then resume the run"
    )


def _moments(model: Any, optimizer: Any) -> dict[str, Any]:
    found = {}
    for name, parameter in trainable(model).items():
        for key, value in optimizer.state.get(parameter, {}).items():
            found[f"{key}:{name}"] = value.detach().cpu().contiguous().clone()
    return found


def _restore(model: Any, optimizer: Any, kept: dict[str, Any]) -> None:
    parameters = trainable(model)
    for key, value in kept.items():
        what, name = key.split(":", 1)
        parameter = parameters[name]
        home = "cpu" if what == "step" else parameter.device
        optimizer.state[parameter][what] = value.to(home)
