"""The shared prefix and the vocabulary at answers alone change the cost and nothing else."""

import pytest
import torch

from pipeline.students.neural.chat import check_chat
from pipeline.students.neural.decode import decode
from pipeline.students.neural.examples import batches_of, micro_batches
from pipeline.students.neural.forward import collate, predict


def plain_logits(model, prefix, example):
    """One example by itself, everything computed."""
    ids = torch.tensor([prefix + example.rest + example.answer[:-1]])
    return model(input_ids=ids).logits[0, len(prefix) + len(example.rest) - 1 :]


def test_logits_are_those_of_each_example_alone(model, corpus):
    model.eval()
    some = corpus.examples[::7]
    batch = collate(some, corpus.prefixes[0], [1.0] * len(some), "cpu")
    got = predict(model, batch).logits
    expected = torch.cat([plain_logits(model, corpus.prefixes[0], one) for one in some])
    assert torch.allclose(got, expected, atol=1e-5)


def test_gradients_flow_through_the_shared_prefix(model, corpus, answer_loss):
    some = corpus.examples[:5]
    answer_loss(model, collate(some, corpus.prefixes[0], [0.2] * 5, "cpu")).backward()
    shared = model.model.layers[0].self_attn.k_proj.weight.grad.clone()
    model.zero_grad()
    for one in some:
        logits = plain_logits(model, corpus.prefixes[0], one)
        losses = torch.nn.functional.cross_entropy(logits, torch.tensor(one.answer), reduction="sum")
        (0.2 * losses).backward()
    assert torch.allclose(shared, model.model.layers[0].self_attn.k_proj.weight.grad, atol=1e-5)


def test_every_example_comes_once_an_epoch(corpus):
    order = batches_of(corpus, 5, seed=3, epoch=1)
    assert sorted(place for batch in order for place in batch) == list(range(len(corpus.examples)))
    assert order == batches_of(corpus, 5, seed=3, epoch=1)
    assert order != batches_of(corpus, 5, seed=3, epoch=2)


def test_pieces_keep_to_the_budget_and_lose_nothing(corpus):
    places = list(range(len(corpus.examples)))
    pieces = micro_batches(corpus, places, token_budget=200)
    assert sorted(place for piece in pieces for place in piece) == places
    for piece in pieces:
        longest = max(corpus.examples[place].tokens for place in piece) + len(corpus.prefixes[0])
        assert len(piece) == 1 or longest * len(piece) <= 200


def test_the_template_is_the_same_in_parts_and_whole(chat, pairs):
    check_chat(chat, [text for text, _ in pairs])
    tokens = chat.prefix + chat.rest(pairs[0][0])
    messages = [{"role": "system", "content": "Name the topic."}, {"role": "user", "content": pairs[0][0]}]
    whole = chat.tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    assert tokens == chat.tokenizer(whole, add_special_tokens=False)["input_ids"]


def test_answers_in_a_batch_are_those_of_transformers_generate(model, chat, pairs):
    model.eval()
    texts = [text for text, _ in pairs[:9]]
    got = decode(model, chat, texts, 12)
    for text, one in zip(texts, got, strict=True):
        ids = torch.tensor([chat.prefix + chat.rest(text)])
        told = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=12, do_sample=False)
        expected = [token for token in told[0, ids.shape[1] :].tolist() if token != chat.stop_id]
        assert one.ids == expected


def test_no_text_no_answer(model, chat):
    assert decode(model, chat, [], 5) == []


def test_a_prompt_longer_than_others_changes_no_answer(model, chat):
    model.eval()
    alone = decode(model, chat, ["where is my parcel"], 8)[0]
    beside = decode(model, chat, ["where is my parcel", "x " * 60], 8)[0]
    assert alone.ids == beside.ids
    assert alone.logprobs == pytest.approx(beside.logprobs, abs=1e-4)
