"""Decoders that a causal student can build on: TOML files shipped or added, or a folder on this machine."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from analytics.errors import InputError, UnknownName
from analytics.workspace import SHIPPED

FOLDER = SHIPPED / "bases"
ADDED = "bases"  # folder of a workspace with the files that `bases add` writes
DEFAULT = "smollm2-135m-instruct"


@dataclass(frozen=True)
class BaseModel:
    """What is known of a base before it is read. What is not known is empty, None or "unknown"."""

    name: str
    family: str
    hub_id: str  # as the hub names it; empty for a folder
    revision: str  # commit of the hub's repository; empty: not pinned yet, and then it is not used from the hub
    licence: str
    licence_source: str
    parameters: int  # of the text decoder
    context_tokens: int
    layers: int
    hidden: int
    intermediate: int
    heads: int
    kv_heads: int
    head_size: int
    vocabulary: int
    tied_embeddings: bool
    lora_targets: tuple[str, ...]
    released: date | None
    retires: date | None  # None: nobody can retire it, or no date is known
    package: str = ""  # Python package that carries the weights
    file: str = ""  # the file in it
    folder: str = ""  # where it lies on this machine
    qk_norm: bool = False  # queries and keys are normalised by head
    qkv_bias: bool = False
    norms_per_layer: int = 2  # of the hidden width
    sliding_window: int = 0  # tokens that most layers look back; 0: all of them look at everything
    full_attention_every: int = 1  # each how-many-th layer looks at everything, where there is a window
    beside_parameters: int = 0  # read along and never trained, such as a vision tower
    gated: bool = False  # the hub asks for consent to the licence before it gives the weights
    revision_source: str = ""
    shape_source: str = ""
    released_source: str = ""
    checked: date | None = None  # when a person last compared this entry with its sources
    files_sha256: str = ""  # of the folder's files when it was added; empty: not looked at


@lru_cache(maxsize=1)
def catalogue() -> dict[str, BaseModel]:
    """Every base of ``data/bases`` by name."""
    return _read_all(FOLDER)


def known_bases(home: Path | None = None) -> dict[str, BaseModel]:
    """The shipped bases and those added to the workspace, by name; an added one stands before a shipped one."""
    return catalogue() | (_read_all(home / ADDED) if home else {})


def resolve(name: str | None, home: Path) -> str | None:
    """The name under which any process finds the base again: that of a shipped one, or a path.

    An added base is named by its file, so that a worker or a server needs no workspace to find it.
    """
    if name and (home / ADDED / f"{name}.toml").exists():
        return str((home / ADDED / f"{name}.toml").resolve())
    return name


def find_base(name: str | None, home: Path | None = None) -> BaseModel:
    """The base of that name, in that TOML file, or in that folder. Raises UnknownName."""
    wanted, known = name or DEFAULT, known_bases(home)
    if wanted in known:
        return known[wanted]
    if wanted.endswith(".toml") and Path(wanted).is_file():
        return read_base(Path(wanted))
    if (Path(wanted) / "config.json").exists():
        from pipeline.base_config import from_folder

        return from_folder(Path(wanted))
    raise UnknownName("base model", wanted, known)


def read_base(path: Path) -> BaseModel:
    """One TOML file. Raises InputError that names the field."""
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    known = {field.name for field in fields(BaseModel)}
    if unknown := sorted(data.keys() - known):
        raise InputError(f"{path}: no field is called {', '.join(unknown)}")
    try:
        return BaseModel(**_typed(data))
    except (KeyError, TypeError) as error:
        raise InputError(f"{path}: {error}") from error


def _typed(data: Mapping[str, Any]) -> dict[str, Any]:
    """TOML has no null: an empty date is an unknown one."""
    dates = {name: data.get(name) or None for name in ("released", "retires", "checked")}
    return {**data, **dates, "lora_targets": tuple(data["lora_targets"])}


def _read_all(folder: Path) -> dict[str, BaseModel]:
    found = (read_base(path) for path in sorted(folder.glob("*.toml")))
    return {base.name: base for base in found}
