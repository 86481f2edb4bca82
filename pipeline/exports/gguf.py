"""``gguf``: one file for llama.cpp and what is built on it.

llama.cpp's own converter does it where ``LLAMA_CPP`` names its folder. Without it the networks that are written here
are those of Llama's, Qwen 2's and Qwen 3's form with a byte-level tokenizer, which covers most bases of the catalogue.
Quantisation is llama.cpp's: it needs ``llama-quantize``.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from analytics.errors import InputError, MissingExtra, SpiritsafeError
from pipeline.exports import Wish
from pipeline.exports.merged import save_network
from pipeline.loaded import Loaded
from pipeline.prompt_file import write_prompt

KINDS = ("causal",)
NAME = "student-{precision}.gguf"
CONVERTER = "convert_hf_to_gguf.py"


def write(student: Loaded, folder: Path, wish: Wish) -> list[str]:
    """The network in 32 or 16 bits, and quantised beside it where that was asked for."""
    quantiser = _quantiser() if wish.quantisation else None
    file = folder / NAME.format(precision=wish.precision)
    if (converter := _converter()) is not None:
        _convert(converter, student.student, file, wish.precision)
    else:
        from pipeline.gguf_file import write_gguf

        write_gguf(student.student, file, wish.precision)
    notes = [write_prompt(student.student, folder)]
    if quantiser is not None:
        _run([quantiser, str(file), str(folder / f"student-{wish.quantisation}.gguf"), str(wish.quantisation)])
        notes.append("quantised weights answer a little differently: replay them before they serve")
    return notes


def _converter() -> Path | None:
    root = os.environ.get("LLAMA_CPP")
    return Path(root, CONVERTER) if root and Path(root, CONVERTER).is_file() else None


def _quantiser() -> str:
    root = os.environ.get("LLAMA_CPP", "")
    places = [Path(root, "build", "bin", "llama-quantize"), Path(root, "llama-quantize")] if root else []
    found = shutil.which("llama-quantize") or next((str(place) for place in places if place.is_file()), None)
    if found is None:
        raise InputError(
            "--quantise needs llama.cpp's llama-quantize on the PATH, or LLAMA_CPP naming its folder; "
            "leave --quantise out for 16 bits"
        )
    return found


def _convert(converter: Path, student: Any, file: Path, precision: str) -> None:
    aside = file.parent / ".merged"
    try:
        save_network(student, aside)
        _run([sys.executable, str(converter), str(aside), "--outfile", str(file), "--outtype", precision])
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SpiritsafeError(f"{command[0]} ended with code {done.returncode}: {done.stderr.strip()[-400:]}")


def require_gguf() -> Any:
    """The package that writes the container."""
    try:
        import gguf
    except ImportError as error:
        raise MissingExtra("gguf", "train") from error
    return gguf
