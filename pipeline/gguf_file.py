"""A decoder as a GGUF file: its shape as metadata, its tokenizer, its tensors under llama.cpp's names.

The format is described in ggml's docs/gguf.md; the names of tensors come from the package ``gguf``. llama.cpp turns
rotary positions by neighbouring pairs where transformers turns halves, so rows of queries and keys of Llama's form are
put in its order (as in its own converter).
"""

import json
from pathlib import Path
from typing import Any

from analytics.errors import InputError
from pipeline.base_models import find_base
from pipeline.exports.gguf import require_gguf

ARCHITECTURES = {"llama": "LLAMA", "mistral": "LLAMA", "qwen2": "QWEN2", "qwen3": "QWEN3"}  # by model type
NORMAL, CONTROL = 1, 3  # kinds of token
PRE_TOKENIZERS = {"qwen": "qwen2", "llama": "llama-bpe", "smollm": "smollm", "mistral": "tekken"}  # by family
BITS = {"f32": 32, "f16": 16}


def write_gguf(student: Any, file: Path, precision: str) -> None:
    """Write the merged network. Raises InputError for a form or a tokenizer that is not known here."""
    gguf, config = require_gguf(), student.model.config
    if config.model_type not in ARCHITECTURES:
        raise InputError(
            f"networks of type {config.model_type} are not written here; set LLAMA_CPP to the folder of llama.cpp and "
            "its converter is used"
        )
    if precision not in BITS:
        raise InputError(f"--precision {precision}: f32 or f16")
    kind = getattr(gguf.MODEL_ARCH, ARCHITECTURES[config.model_type])
    writer = gguf.GGUFWriter(file, gguf.MODEL_ARCH_NAMES[kind])
    _shape(writer, config, precision)
    family = find_base(student.card.base).family
    _tokenizer(writer, student.chat.tokenizer, config, _pre_tokenizer(family, config.model_type))
    _tensors(writer, gguf.get_tensor_name_map(kind, config.num_hidden_layers), student.model, precision)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _shape(writer: Any, config: Any, precision: str) -> None:
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    theta: Any = (getattr(config, "rope_parameters", None) or {}).get("rope_theta")
    writer.add_name("student")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(size)
    writer.add_value_length(size)
    writer.add_rope_dimension_count(size)
    writer.add_rope_freq_base(float(theta or getattr(config, "rope_theta", 1e4)))
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    writer.add_file_type(0 if precision == "f32" else 1)


def _tokenizer(writer: Any, tokenizer: Any, config: Any, cut: str) -> None:
    """Byte-level pairs: tokens in order of their ids, the merges, and the tokens with a meaning of their own."""
    whole: dict[str, Any] = json.loads(tokenizer.backend_tokenizer.to_str())
    if whole["model"]["type"] != "BPE" or "ByteLevel" not in json.dumps(whole.get("pre_tokenizer")):
        raise InputError(
            "this base's tokenizer does not work on bytes and is not written here; set LLAMA_CPP to the folder of "
            "llama.cpp and its converter is used"
        )
    by_id = {place: token for token, place in tokenizer.get_vocab().items()}
    special = {entry["id"] for entry in whole.get("added_tokens", ()) if entry.get("special")}
    tokens = [by_id.get(place, f"[UNUSED{place}]") for place in range(config.vocab_size)]
    merges = [pair if isinstance(pair, str) else " ".join(pair) for pair in whole["model"]["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(cut)
    writer.add_token_list(tokens)
    writer.add_token_types(
        [CONTROL if place in special or place not in by_id else NORMAL for place in range(len(tokens))]
    )
    writer.add_token_merges(merges)
    for add, value in (
        (writer.add_eos_token_id, tokenizer.eos_token_id),
        (writer.add_bos_token_id, tokenizer.bos_token_id),
        (writer.add_pad_token_id, tokenizer.pad_token_id),
    ):
        if value is not None:
            add(int(value))
    writer.add_add_bos_token(False)  # the prompt in prompt.json is whole
    if tokenizer.chat_template:
        writer.add_chat_template(tokenizer.chat_template)


def _pre_tokenizer(family: str, model_type: str) -> str:
    """How llama.cpp cuts text before the merges, by its own names for these families."""
    if family == "deepseek":
        return "deepseek-r1-qwen" if model_type == "qwen2" else "llama-bpe"
    return PRE_TOKENIZERS.get(family, "default")


def _tensors(writer: Any, names: Any, model: Any, precision: str) -> None:
    import torch

    config, wanted = model.config, torch.float16 if precision == "f16" else torch.float32
    for name, value in model.state_dict().items():
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        found = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if found is None:
            raise InputError(f"tensor {name} has no place in a GGUF of this form")
        tensor = _in_its_order(name, value.detach().cpu().float(), config)
        # Vectors stay in 32 bits: llama.cpp expects norms so, and they weigh nothing.
        data = tensor.to(wanted if tensor.dim() > 1 else torch.float32).contiguous().numpy()
        writer.add_tensor(found, data)


def _in_its_order(name: str, tensor: Any, config: Any) -> Any:
    """Rows of queries and keys: the two halves of each head interleaved, where the form turns neighbouring pairs."""
    if config.model_type not in ("llama", "mistral") or not name.endswith(("q_proj.weight", "k_proj.weight")):
        return tensor
    heads = config.num_attention_heads if "q_proj" in name else config.num_key_value_heads
    return (
        tensor.reshape(heads, 2, tensor.shape[0] // heads // 2, *tensor.shape[1:]).swapaxes(1, 2).reshape(tensor.shape)
    )
