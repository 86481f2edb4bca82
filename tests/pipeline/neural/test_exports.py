"""Exports of a decoder that other programs read: the same logits without us."""

import json
import stat
import warnings
from types import SimpleNamespace

import pytest
import torch
from tiny_base import make_base

from analytics.errors import InputError
from pipeline.base_models import find_base
from pipeline.contracts import Training
from pipeline.exports import Wish, find
from pipeline.students.neural import saved
from pipeline.students.neural.chat import make_chat
from pipeline.students.neural.checkpoints import trained
from pipeline.students.neural.saved import Card
from pipeline.students.neural.weights import add_adapters, read_tokenizer, read_weights
from pipeline.template import Template

TEXT = "one two three"


def student_on(base, method="lora"):
    """A student whose adapters say something: random, as training would leave them not zero."""
    model = add_adapters(read_weights(base), base, Training(method=method), 4, 1)
    torch.manual_seed(2)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * 0.05)
    weights, chat = trained(model), make_chat(read_tokenizer(base))
    card = Card(base.folder, method, 4, 1, "label", None, Template("", ""), 8, ["a", "b"])
    made = SimpleNamespace(model=saved.merged(model), chat=chat, weights=weights, card=card, kind="causal")
    return SimpleNamespace(student=made, card={"kind": "causal"})


@pytest.fixture
def loaded(base):
    return student_on(base)


def logits(model, student):
    ids = torch.tensor([student.chat.rest(TEXT)])
    with torch.inference_mode():
        return model(ids).logits


def test_a_merged_folder_answers_without_us(loaded, tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    notes = find("merged").write(loaded, tmp_path, Wish())
    model = AutoModelForCausalLM.from_pretrained(tmp_path).eval()
    made = loaded.student
    assert torch.equal(logits(model, made), logits(made.model, made))
    assert model.config.use_cache
    again = AutoTokenizer.from_pretrained(tmp_path)
    assert again(TEXT)["input_ids"] == made.chat.tokenizer(TEXT)["input_ids"]
    assert "prompt.json" in notes[-1]
    prompt = json.loads((tmp_path / "prompt.json").read_text())
    assert prompt["before_the_input"] + "x" + prompt["after_the_input"] == made.chat.start + "x" + made.chat.end


def test_adapters_are_read_by_peft_on_the_base(base, loaded, tmp_path):
    import peft

    find("safetensors").write(loaded, tmp_path, Wish())
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing.*")  # peft's own use of an old name
        model = peft.PeftModel.from_pretrained(read_weights(base), tmp_path).eval()
    made = loaded.student
    assert torch.allclose(logits(model, made), logits(made.model, made), atol=1e-5)


@pytest.mark.parametrize(("precision", "close"), [("f32", 1e-5), ("f16", 2e-2)])
@pytest.mark.parametrize("kind", ["llama", "qwen2", "qwen3"])
def test_transformers_reads_our_gguf_back(kind, precision, close, tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    base = find_base(str(base_of(kind, tmp_path / "base")))
    made = student_on(base).student
    (tmp_path / "out").mkdir()
    find("gguf").write(SimpleNamespace(student=made), tmp_path / "out", Wish(precision))
    name = f"student-{precision}.gguf"
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "out", gguf_file=name, dtype="float32").eval()
    assert torch.allclose(logits(model, made), logits(made.model, made), atol=close)
    again = AutoTokenizer.from_pretrained(tmp_path / "out", gguf_file=name)
    for text in (TEXT, "Grüße, 3 times!", made.chat.start):
        assert again(text, add_special_tokens=False)["input_ids"] == list(
            made.chat.tokenizer(text, add_special_tokens=False)["input_ids"]
        )


def base_of(kind, folder):
    """A tiny base of that form with the tokenizer of the tiny Llama."""
    import transformers as t

    make_base(folder, [f"{TEXT} four five"] * 20)
    if kind != "llama":
        config = {"qwen2": t.Qwen2Config, "qwen3": t.Qwen3Config}[kind](
            vocab_size=json.loads((folder / "config.json").read_text())["vocab_size"], hidden_size=64,
            intermediate_size=128, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
            max_position_embeddings=512, tie_word_embeddings=True, **({"head_dim": 128} if kind == "qwen3" else {}),  # transformers reads no other size from a Qwen 3 GGUF
        )  # fmt: skip
        torch.manual_seed(1)
        t.AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    return folder


def test_quantisation_needs_llama_cpp_and_uses_it_where_it_is(loaded, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.delenv("LLAMA_CPP", raising=False)
    with pytest.raises(InputError, match="llama-quantize"):
        find("gguf").write(loaded, tmp_path, Wish(quantisation="Q4_K_M"))
    tool = tmp_path / "llama" / "build" / "bin" / "llama-quantize"
    tool.parent.mkdir(parents=True)
    tool.write_text('#!/bin/sh\n/bin/cp "$1" "$2"\n')
    tool.chmod(tool.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("LLAMA_CPP", str(tmp_path / "llama"))
    out = tmp_path / "out"
    out.mkdir()
    find("gguf").write(loaded, out, Wish(quantisation="Q4_K_M"))
    assert (out / "student-Q4_K_M.gguf").read_bytes() == (out / "student-f16.gguf").read_bytes()


def test_a_form_that_is_not_known_names_the_way_out(loaded, tmp_path):
    loaded.student.model.config.model_type = "bloom"
    with pytest.raises(InputError, match="LLAMA_CPP"):
        find("gguf").write(loaded, tmp_path, Wish())
