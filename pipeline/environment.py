"""What a student was made with: versions of what can change its weights, and the machine."""

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from pipeline.artifacts import file_sha256

PACKAGES = (
    *("spiritsafe", "numpy", "scipy", "scikit-learn", "pyarrow", "wordllama", "torch", "transformers", "peft"),
    *("tokenizers", "safetensors", "gguf", "litellm"),
)
LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"


def versions() -> dict[str, str | None]:
    """By name; None for a package that is not installed."""
    found: dict[str, str | None] = {"python": platform.python_version(), "system": platform.system()}
    found |= {"machine": platform.machine(), "cores": str(psutil.cpu_count())}
    found |= {name: _version(name) for name in PACKAGES}
    return found | {"requirements_lock_sha256": file_sha256(LOCK) if LOCK.exists() else None}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
