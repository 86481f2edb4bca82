"""The shipped bases: figures that a network of that shape confirms, and facts that say where they come from."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import base_shapes
from pipeline.base_add import as_toml
from pipeline.base_models import catalogue, read_base

FAMILIES = {"qwen", "llama", "deepseek", "mistral", "gemma", "smollm"}
BASES = catalogue()


def network_on_paper(base):
    """The class of transformers that reads this base, with its shape and without memory."""
    import torch
    import transformers as t

    tied = {"tie_word_embeddings": base.tied_embeddings}
    sizes = {
        "hidden_size": base.hidden, "intermediate_size": base.intermediate, "num_hidden_layers": base.layers,
        "num_attention_heads": base.heads, "num_key_value_heads": base.kv_heads, "head_dim": base.head_size,
        "vocab_size": base.vocabulary,
    }  # fmt: skip
    kinds = {"gemma": t.Gemma3TextConfig, "mistral": t.MistralConfig, "llama": t.LlamaConfig, "smollm": t.LlamaConfig}
    kind = (
        t.Qwen2Config
        if base.qkv_bias
        else t.Qwen3Config
        if base.family == "qwen"
        else kinds.get(base.family, t.LlamaConfig)
    )
    if kind is t.Qwen2Config:
        assert base.head_size == base.hidden // base.heads
        del sizes["head_dim"]
    if kind is t.LlamaConfig and "3-3b" in base.name and base.family == "smollm":
        kind = t.SmolLM3Config
        sizes |= {"pad_token_id": 0}
        del sizes["head_dim"]
    with torch.device("meta"):
        return t.AutoModelForCausalLM.from_config(kind(**sizes, **tied))


def test_every_family_is_there_from_a_tenth_to_fourteen_billion():
    assert {base.family for base in BASES.values()} == FAMILIES
    sizes = [base.parameters for base in BASES.values()]
    assert min(sizes) < 0.15e9 and 14e9 < max(sizes) < 15e9


@pytest.mark.parametrize("name", BASES)
def test_a_network_of_that_shape_has_as_many_parameters(name):
    base = BASES[name]
    built = sum(parameter.numel() for parameter in network_on_paper(base).parameters())
    assert base_shapes.parameters(base) == built
    assert base.parameters == pytest.approx(built, rel=0.01)


@pytest.mark.parametrize("name", BASES)
def test_facts_name_their_sources(name):
    base = BASES[name]
    assert base.licence and base.licence_source and base.shape_source and base.released_source and base.checked
    assert base.released is not None
    assert re.fullmatch(r"[0-9a-f]{40}", base.revision) and base.revision_source
    assert base.hub_id.count("/") == 1
    assert base.file or not base.package


@pytest.mark.parametrize("name", BASES)
def test_a_base_is_written_as_it_was_read(name, tmp_path):
    (tmp_path / "one.toml").write_text(as_toml(BASES[name]))
    assert read_base(tmp_path / "one.toml") == BASES[name]


def test_adapters_have_as_many_weights_as_peft_makes():
    from pipeline.contracts import Training
    from pipeline.students.neural.weights import add_adapters

    base = BASES["qwen2.5-0.5b-instruct"]
    model = add_adapters(network_on_paper(base), base, Training(), 8, seed=1)
    trained = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    assert base_shapes.adapter_parameters(base, 8) == trained


@given(st.integers(1, 4096), st.integers(1, 64))
def test_a_window_never_needs_more_cache_and_rows_add_up(tokens, rows):
    windowed = BASES["gemma-3-1b-it"]
    whole = replace(windowed, sliding_window=0)
    assert base_shapes.kv_cache_bytes(windowed, tokens) <= base_shapes.kv_cache_bytes(whole, tokens)
    assert base_shapes.kv_cache_bytes(windowed, tokens, rows) == rows * base_shapes.kv_cache_bytes(windowed, tokens)
    assert base_shapes.kv_cache_bytes(whole, tokens) == tokens * base_shapes.kv_bytes_per_token(whole)


def test_the_cache_is_what_transformers_keeps():
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=50, hidden_size=32, intermediate_size=64, num_hidden_layers=3, num_attention_heads=4,
        num_key_value_heads=2,
    )  # fmt: skip
    out = LlamaForCausalLM(config)(torch.zeros((2, 7), dtype=torch.int64), use_cache=True)
    kept = sum(layer.keys.nbytes + layer.values.nbytes for layer in out.past_key_values.layers)
    base = replace(BASES["llama-3.2-1b-instruct"], layers=3, hidden=32, heads=4, kv_heads=2, head_size=8)
    assert base_shapes.kv_cache_bytes(base, 7, 2, bytes_per_value=4) == kept


def test_work_of_a_token_is_about_twice_its_weights():
    base = BASES["llama-3.1-8b-instruct"]
    matrices = base.parameters - 2 * base.vocabulary * base.hidden
    assert base_shapes.forward_flops(base, 0) == pytest.approx(2 * matrices, rel=1e-3)
    assert base_shapes.forward_flops(base, 4096) > base_shapes.forward_flops(base, 1)
