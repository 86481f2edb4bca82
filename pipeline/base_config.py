"""A base as its own ``config.json`` describes it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from analytics.errors import InputError
from pipeline.base_files import stored_parameters
from pipeline.base_models import BaseModel
from pipeline.base_shapes import parameters

ALL_LINEAR = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
NORMALISED = ("qwen3", "gemma3", "gemma3_text")  # model types whose queries and keys are normalised
BIASED = ("qwen2",)
FOUR_NORMS = ("gemma2", "gemma3", "gemma3_text")
GATED_LIKE_LLAMA = ("llama", "mistral", "ministral", "smollm3", "qwen2", "qwen3", "gemma3", "gemma3_text")
FAMILIES = {"ministral": "mistral", "smollm3": "smollm", "qwen2": "qwen", "qwen3": "qwen"}
NEEDED = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size")


def from_folder(folder: Path) -> BaseModel:
    """The base in a folder; what its config does not say is unknown. Parameters are counted in its safetensors."""
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{folder / 'config.json'} cannot be read: {error}") from error
    base = replace(
        from_config(config, folder.name, f"config.json of {folder.name}"),
        licence_source="a folder says nothing of it",
        folder=str(folder.resolve()),
    )
    return replace(base, parameters=stored_parameters(folder) or base.parameters)


def from_config(config: Mapping[str, Any], name: str, source: str) -> BaseModel:
    """A base from a parsed config. Raises InputError that names what is missing or refused."""
    if "auto_map" in config:
        raise InputError(f"{source} asks for code of its own (auto_map); remote code is never run: choose another base")
    outer, config = config, config.get("text_config", config)
    if missing := [key for key in NEEDED if not isinstance(config.get(key), int)]:
        raise InputError(f"{source} has no {', '.join(missing)}; is it a decoder of transformers?")
    base = _shaped(config, outer, name, source)
    return replace(base, parameters=parameters(base))


def _shaped(config: Mapping[str, Any], outer: Mapping[str, Any], name: str, source: str) -> BaseModel:
    kind, heads = str(config.get("model_type", "unknown")), int(config["num_attention_heads"])
    hidden = int(config["hidden_size"])
    window, every = _window(config)
    tied = config.get("tie_word_embeddings", outer.get("tie_word_embeddings", True))
    return BaseModel(
        name=name, family=FAMILIES.get(kind, kind.removesuffix("_text").rstrip("0123456789")), hub_id="", revision="",
        licence="unknown", licence_source="", parameters=0,
        context_tokens=int(config.get("max_position_embeddings") or 2048),
        layers=int(config["num_hidden_layers"]), hidden=hidden, intermediate=int(config["intermediate_size"]),
        heads=heads, kv_heads=int(config.get("num_key_value_heads") or heads),
        head_size=int(config.get("head_dim") or hidden // heads), vocabulary=int(config["vocab_size"]),
        tied_embeddings=bool(tied), lora_targets=ALL_LINEAR if kind in GATED_LIKE_LLAMA else (),
        released=None, retires=None, qk_norm=kind in NORMALISED, qkv_bias=kind in BIASED,
        norms_per_layer=4 if kind in FOUR_NORMS else 2, shape_source=source,
        sliding_window=window, full_attention_every=every,
    )  # fmt: skip


def _window(config: Mapping[str, Any]) -> tuple[int, int]:
    """Tokens that most layers look back (0: everything), and which layers look at everything."""
    window = config.get("sliding_window")
    if not window or config.get("use_sliding_window") is False:
        return 0, 1
    return int(window), int(config.get("sliding_window_pattern") or 6)
