"""General examples reach the loss, the probes see what is forgotten, and mixing keeps more of it."""

import json
import math
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import InputError
from pipeline import forgetting, general
from pipeline.contracts import Training
from pipeline.students.neural import mixing, probing
from pipeline.students.neural.chat import make_chat
from pipeline.students.neural.examples import Corpus, Example, micro_batches
from pipeline.students.neural.forward import collate
from pipeline.students.neural.loop import Options, train
from pipeline.students.neural.weights import read_tokenizer, read_weights


def test_probes_are_a_few_hundred_fair_questions():
    asked = general.questions()
    assert len(asked) >= 200 and len(general.passages()) >= 20
    assert {one.set for one in asked} == {"arithmetic", "facts", "grammar"}
    for one in asked:
        assert len(set(one.choices)) == len(one.choices) == 3 and 0 <= one.answer < 3
    places = [one.answer for one in asked]
    assert all(60 < places.count(place) < 100 for place in range(3))


def test_what_is_mixed_in_is_not_what_is_asked():
    asked = {one.question for one in general.questions()}
    shown = {text for text, _ in general.pairs()}
    assert not asked & shown
    assert not [text for text in shown for passage in general.passages() if passage[:40] in text]


@pytest.mark.parametrize(("ratio", "count"), [(0.0, 0), (0.5, 20), (5.0, 200)])
def test_general_examples_are_added_by_ratio_with_their_own_prefix(corpus, chat, ratio, count):
    plain = make_chat(chat.tokenizer)
    made = mixing.mixed(corpus, plain, Training(general_mix=ratio, max_tokens=10_000), 1)
    added = made.examples[len(corpus.examples) :]
    assert (
        len(added) == round(ratio * len(corpus.examples)) and made.examples[: len(corpus.examples)] == corpus.examples
    )
    if ratio:
        assert {one.group for one in added} == {"general"} and made.weights["general"] == ratio
        assert made.prefixes[added[0].prefix] == plain.prefix
        pieces = micro_batches(made, range(len(made.examples)), 4096)
        assert all(len({made.examples[place].group for place in piece}) == 1 for piece in pieces)


def test_a_batch_of_general_examples_has_a_loss_whatever_the_objective(corpus, chat, model):
    made = mixing.mixed(corpus, make_chat(chat.tokenizer), Training(general_mix=1, max_tokens=10_000), 1)
    task, extra = made.examples[:4], made.examples[-4:]
    batch = collate(extra, made.prefixes[extra[0].prefix], [0.25] * 4, "cpu")
    assert mixing.loss(model, batch).item() > 0
    assert mixing.loss(model, collate(task, made.prefixes[0], [0.25] * 4, "cpu")) is None


def test_own_general_data_is_read_and_a_wrong_row_is_named(tmp_path):
    file = tmp_path / "mine.jsonl"
    file.write_text(json.dumps({"input": "a", "output": "b"}) + "\n")
    assert general.pairs(str(file)) == [("a", "b")]
    file.write_text('{"input": "a", "output": "b"}\n{"input": 3}\n')
    with pytest.raises(InputError, match="row 2"):
        general.pairs(str(file))


def probed(model, chat):
    return probing.scores(model.eval(), chat)


def student_of(model, chat, base):
    card = SimpleNamespace(base=base.folder, method="full", base_sha256="0" * 64)
    return SimpleNamespace(kind="causal", model=model.eval(), chat=chat, card=card)


def test_a_student_that_is_its_base_has_forgotten_nothing(base, model, chat, tmp_path):
    found = forgetting.report(student_of(model, chat, base), tmp_path)["forgetting"]
    assert found["perplexity"]["ratio"]["value"] == pytest.approx(1)
    assert found["choices"]["all"]["difference"]["value"] == 0
    assert found["choices"]["all"]["n"] == len(general.questions())
    kept = list((tmp_path / forgetting.KEPT).iterdir())
    assert len(kept) == 1  # the base is asked once
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    worse = forgetting.report(student_of(model, chat, base), tmp_path)["forgetting"]
    assert worse["perplexity"]["base"] == found["perplexity"]["base"]
    assert worse["perplexity"]["ratio"]["low"] > 1


def test_other_kinds_have_no_report_and_say_why(tmp_path):
    found = forgetting.report(SimpleNamespace(kind="head"), tmp_path)
    assert found["forgetting"] is None and "decoder" in found["forgetting_reason"]


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=60))
def test_intervals_hold_their_estimate(pairs):
    before, after = zip(*pairs, strict=True)
    lost = forgetting.accuracy_difference(before, after)
    assert -1 <= lost.low <= lost.value <= lost.high <= 1
    assert lost.value == pytest.approx((sum(after) - sum(before)) / len(pairs))


def test_mixing_keeps_more_of_what_the_base_knew(base, corpus, answer_loss):
    chat = make_chat(read_tokenizer(base))
    options = Options(steps=120, batch_size=16, learning_rate=3e-3, seed=1, token_budget=4096)
    prose = [Example([], chat.answer(text), prefix=2) for text in general.passages()]
    known = mixing.mixed(corpus, chat, Training(general_mix=3, max_tokens=400), 1)
    learned = Corpus(
        [*known.examples[len(corpus.examples) :], *prose], [*known.prefixes, probing._starts(chat)],
        {"general": 1.0, "answer": 1.0},
    )  # fmt: skip
    base_model = read_weights(base)
    train(base_model, learned, answer_loss, options)
    weights = {name: tensor.clone() for name, tensor in base_model.state_dict().items()}
    after = {}
    for ratio in (0.0, 1.0):
        student = read_weights(base)
        student.load_state_dict(weights)
        mix = mixing.mixed(corpus, chat, Training(general_mix=ratio, max_tokens=400), 2)
        train(student, mix, answer_loss, Options(60, 16, 3e-3, 1, 4096))
        after[ratio] = forgetting.perplexity(probed(student, chat).surprise)
    start = forgetting.perplexity(probed(base_model, chat).surprise)
    print(start, after)
    assert start < after[1.0] < after[0.0]
    assert math.log(after[1.0] / start) < 0.8 * math.log(after[0.0] / start)
