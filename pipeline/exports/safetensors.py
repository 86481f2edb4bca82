"""``safetensors``: what was trained, as PEFT writes adapters (or the whole network after full fine-tuning)."""

from pathlib import Path
from typing import Any

from pipeline.artifacts import write_json
from pipeline.base_models import find_base
from pipeline.exports import Wish
from pipeline.loaded import Loaded
from pipeline.prompt_file import write_prompt

KINDS = ("causal",)


def write(student: Loaded, folder: Path, wish: Wish) -> list[str]:
    """``PeftModel.from_pretrained(base, folder)`` reads it."""
    from safetensors.torch import save_file

    made: Any = student.student  # a causal student: KINDS says so
    card, weights = made.card, made.weights
    note = write_prompt(made, folder)
    base = find_base(card.base)
    if card.method == "full":
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        return [f"all weights of {base.name} as they were trained; format merged adds config and tokenizer", note]
    named = {name.replace(".default.weight", ".weight"): value for name, value in weights.items()}
    save_file(named, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    write_json(folder / "adapter_config.json", _config(card.rank, list(base.lora_targets), base.hub_id or card.base))
    pinned = f" at revision {base.revision}" if base.revision else ""
    return [f"adapters for {base.hub_id or card.base}{pinned}; on other weights they mean nothing", note]


def _config(rank: int, targets: list[str], base: str) -> dict[str, object]:
    return {
        "peft_type": "LORA", "task_type": "CAUSAL_LM", "r": rank, "lora_alpha": 2 * rank, "lora_dropout": 0.0,
        "bias": "none", "target_modules": targets or "all-linear", "base_model_name_or_path": base,
        "inference_mode": True,
    }  # fmt: skip
