"""``merged``: base and adapters as one network with its tokenizer, a folder for transformers or vLLM."""

from pathlib import Path
from typing import Any

from pipeline.exports import Wish
from pipeline.loaded import Loaded
from pipeline.prompt_file import write_prompt

KINDS = ("causal",)


def write(student: Loaded, folder: Path, wish: Wish) -> list[str]:
    """``AutoModelForCausalLM.from_pretrained(folder)`` reads it."""
    save_network(student.student, folder)
    return [write_prompt(student.student, folder)]


def save_network(student: Any, folder: Path) -> None:
    """Weights, config and tokenizer in the precision in which they answer here."""
    model = student.model
    kept, model.config.use_cache = model.config.use_cache, True
    try:
        model.save_pretrained(folder)
    finally:
        model.config.use_cache = kept
    student.chat.tokenizer.save_pretrained(folder)
