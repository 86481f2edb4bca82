"""What training keeps in memory, counted on real networks and held against the formulas."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pipeline.base_config import from_config
from pipeline.base_models import catalogue
from pipeline.contracts import Training
from pipeline.students.neural import examples, forward
from pipeline.students.neural.loop import Options, train
from pipeline.students.neural.weights import add_adapters, read_weights, recompute_activations
from pipeline.training_memory import Load, activation_bytes, training_memory

SIZES = {
    "hidden_size": 128, "intermediate_size": 352, "num_hidden_layers": 6, "num_attention_heads": 4,
    "num_key_value_heads": 2, "head_dim": 32, "vocab_size": 64, "tie_word_embeddings": True,
}  # fmt: skip
ROWS, TOKENS, ANSWER, RANK = 4, 96, 16, 4


def network(kind, method, dtype):
    import transformers as t

    config = {"llama": t.LlamaConfig, "qwen3": t.Qwen3Config, "gemma3_text": t.Gemma3TextConfig}[kind](**SIZES)
    model = t.AutoModelForCausalLM.from_config(config, dtype=dtype)
    model.config.use_cache = False
    base = from_config({"model_type": kind, **SIZES}, kind, "test")
    return add_adapters(model, base, Training(method=method), RANK, 1), replace(base, sliding_window=0)


def kept_bytes(model, prefix, is_half):
    """Memory that the backward pass holds on to after a forward pass."""
    rows = [examples.Example([5] * (TOKENS - ANSWER), [6] * ANSWER) for _ in range(ROWS)]
    batch = forward.collate(rows, [7] * prefix, [1.0] * ROWS, torch.device("cpu"))
    weights = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    held = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            held[storage.data_ptr()] = (storage.nbytes(), tensor)
        return tensor

    with (
        torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor),
        torch.autocast("cpu", dtype=torch.bfloat16, enabled=is_half),
    ):
        forward.cross_entropy(forward.predict(model, batch).logits, batch)
    return sum(size for size, _ in held.values())


@pytest.mark.parametrize("kind", ["llama", "qwen3", "gemma3_text"])
@pytest.mark.parametrize("method", ["lora", "full"])
@pytest.mark.parametrize("prefix", [0, 8])
@pytest.mark.parametrize("is_half", [False, True])
def test_activations_are_those_that_a_network_keeps(kind, method, prefix, is_half):
    dtype = torch.bfloat16 if is_half and method == "lora" else torch.float32
    model, base = network(kind, method, dtype)
    device = "cuda" if is_half else "cpu"
    load = Load(method, RANK, ROWS * TOKENS, TOKENS, ROWS * ANSWER, prefix, device=device)
    working = ROWS * TOKENS * (2 if is_half else 4) * (3 * base.intermediate + 4 * base.hidden)
    predicted = activation_bytes(base, load) - working
    found = kept_bytes(model, prefix, is_half)
    if is_half and method == "full":  # its weights in 16 bits are counted with the weights
        found -= 2 * sum(p.numel() for name, p in model.named_parameters() if "proj" in name)
    assert 0.8 < predicted / found < 1.25


def test_gradient_checkpointing_keeps_less_and_gives_the_same_student(base, corpus, answer_loss):
    options = Options(steps=4, batch_size=8, learning_rate=1e-3, seed=1, token_budget=4096)
    usual = read_weights(base)
    train(usual, corpus, answer_loss, options)
    spared = recompute_activations(_as_peft(read_weights(base)))
    whole = examples.spelled_out(corpus)
    train(spared, whole, answer_loss, options)
    other = dict(spared.named_parameters())
    for name, tensor in usual.named_parameters():
        assert torch.allclose(tensor, other[name], atol=1e-4), name


class _as_peft(torch.nn.Module):
    """What ``recompute_activations`` is given: a network inside another, as adapters are."""

    def __init__(self, model):
        super().__init__()
        self.inner = model

    def get_base_model(self):
        return self.inner

    def named_parameters(self, *arguments, **named):
        return self.inner.named_parameters(*arguments, **named)


def test_a_checkpointed_layer_keeps_its_input_alone():
    model, _ = network("llama", "lora", torch.float32)
    usual = kept_bytes(model, 0, False)
    assert kept_bytes(recompute_activations(model), 0, False) < usual / 3


BASES = catalogue()


@given(st.sampled_from(sorted(BASES)), st.integers(64, 8192), st.sampled_from(["cpu", "cuda"]))
def test_memory_rises_with_the_micro_batch_and_falls_with_checkpointing(name, tokens, device):
    load = Load("lora", 16, tokens, 64, tokens // 4, 16, device=device)
    less, more = (training_memory(BASES[name], replace(load, micro_tokens=n)).total for n in (tokens, 2 * tokens))
    assert less < more
    assert training_memory(BASES[name], replace(load, is_checkpointed=True)).total < less


def test_four_bits_of_eight_billion_weights_fit_a_card_of_24_gb():
    load = Load("qlora", 16, 2048, 256, 512, 16, is_checkpointed=True, device="cuda")
    memory = training_memory(BASES["llama-3.1-8b-instruct"], load)
    assert memory.weights == pytest.approx(5.7e9, rel=0.01)
    assert 7e9 < memory.total < 12e9
