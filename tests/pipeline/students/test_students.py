"""Every kind of student learns, is saved without code, and says the same after loading."""

import json
import random
import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from corpus import TOPICS, sentence
from tiny_base import tiny_base
from tiny_encoder import tiny_encoder

from analytics.errors import DataMissing, QualityGateFailed, UnknownName
from pipeline.contracts import Training
from pipeline.students import Lessons, Setup, kind, kinds, load_student

HERE = Path(__file__).parent


def lessons(rows, seed):
    random_ = random.Random(seed)
    answers = [random_.choice(sorted(TOPICS)) for _ in range(rows)]
    return Lessons([sentence(random_, topic) for topic in answers], answers, [True] * rows)


@lru_cache
def trained(name):
    sample = json.loads((HERE / name / "sample.json").read_text())
    rows, seed = sample["rows"], sample["seed"]
    made = {"tiny": tiny_base, "tiny encoder": tiny_encoder}.get(sample.get("base"))
    base = made(tempfile.mkdtemp()) if made else None
    setup = Setup(seed, base=base, training=Training(**sample.get("training", {})))
    return kind(name).fit(lessons(rows, seed), lessons(rows // 5, seed + 1), setup)


def test_kinds_are_found():
    assert "head" in kinds()


def test_an_unknown_kind_names_the_known_ones():
    with pytest.raises(UnknownName, match="head"):
        kind("oracle")


@pytest.mark.parametrize("name", kinds())
def test_a_kind_learns_its_sample(name):
    sample = json.loads((HERE / name / "sample.json").read_text())
    fresh = lessons(200, sample["seed"] + 2)
    said = [answer.output for answer in trained(name).answer(fresh.inputs)]
    assert np.mean([one == other for one, other in zip(said, fresh.answers, strict=True)]) >= sample["least_agreement"]


@pytest.mark.parametrize("name", kinds())
def test_a_saved_student_says_the_same(name, tmp_path):
    student, texts = trained(name), lessons(20, 9).inputs
    student.save(tmp_path)
    loaded = load_student(tmp_path)
    assert loaded.kind == name
    for before, after in zip(student.answer(texts), loaded.answer(texts), strict=True):
        assert after.output == before.output
        assert after.confidence == pytest.approx(before.confidence, abs=1e-3)


@pytest.mark.parametrize("name", kinds())
def test_saving_twice_gives_the_same_bytes(name, tmp_path):
    trained(name).save(tmp_path / "one")
    load_student(tmp_path / "one").save(tmp_path / "two")
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files
    assert {path.suffix for path in (tmp_path / "one").iterdir()} <= {".npz", ".json", ".safetensors"}
    for name_ in files:
        assert (tmp_path / "one" / name_).read_bytes() == (tmp_path / "two" / name_).read_bytes()


def test_one_text_and_many_give_the_same_answers():
    texts = lessons(15, 4).inputs
    together = trained("head").answer(texts)
    alone = [trained("head").answer([text])[0] for text in texts]
    assert [answer.output for answer in together] == [answer.output for answer in alone]


def test_no_text_no_answer():
    assert trained("head").answer([]) == []


@pytest.mark.parametrize("text", ["", "   ", "???", "日本語の文章", "x" * 30_000, "refund " * 3_000])
def test_odd_inputs_get_an_answer_that_is_a_probability(text):
    (answer,) = trained("head").answer([text])
    assert answer.output in TOPICS
    assert 0 <= answer.confidence <= 1


def test_a_repeat_is_remembered_even_where_the_teacher_was_wrong():
    taught = lessons(400, 1)
    odd = "where is my refund from monday with a purple ribbon"
    wrong = Lessons([*taught.inputs, odd], [*taught.answers, "address"], [*taught.trainable, True])
    student = kind("head").fit(wrong, lessons(60, 2), Setup(3))
    (answer,) = student.answer([odd.upper() + "!"])
    assert (answer.output, answer.ood_score) == ("address", 0)


def test_strange_inputs_are_further_away_than_usual_ones():
    usual = trained("head").answer(lessons(40, 5).inputs)
    strange = trained("head").answer(["gradient descent converges linearly", "boil the pasta for nine minutes"])
    assert min(one.ood_score for one in strange) > np.quantile([one.ood_score for one in usual], 0.9)


def test_rows_that_must_not_train_do_not():
    taught = lessons(300, 1)
    poison = Lessons(
        [*taught.inputs, "zebra crossing"], [*taught.answers, "never say this"], [*taught.trainable, False]
    )
    student = kind("head").fit(poison, lessons(60, 2), Setup(3))
    assert student.answer(["zebra crossing"])[0].output != "never say this"


def test_too_few_rows_to_tune_are_refused():
    with pytest.raises(QualityGateFailed, match="at least 30"):
        kind("head").fit(lessons(200, 1), lessons(5, 2), Setup(3))


def test_a_folder_without_a_student_is_refused(tmp_path):
    with pytest.raises(DataMissing, match="holds no student"):
        load_student(tmp_path)


def test_a_student_of_another_format_is_refused(tmp_path):
    trained("head").save(tmp_path)
    card = json.loads((tmp_path / "student.json").read_text())
    (tmp_path / "student.json").write_text(json.dumps(card | {"format": 99}))
    with pytest.raises(DataMissing, match="another version"):
        load_student(tmp_path)


def test_a_half_written_student_is_refused(tmp_path):
    trained("head").save(tmp_path)
    (tmp_path / "head.npz").write_bytes((tmp_path / "head.npz").read_bytes()[:1000])
    with pytest.raises(DataMissing, match="cannot be read"):
        load_student(tmp_path)


def test_a_saved_student_holds_no_training_text(tmp_path):
    taught = lessons(300, 1)
    secret = "my account number is tangerine seventeen"
    kind("head").fit(
        Lessons([*taught.inputs, secret], [*taught.answers, "refund"], [True] * 301), lessons(60, 2), Setup(3)
    ).save(tmp_path)
    assert all(b"account number is" not in path.read_bytes() for path in tmp_path.iterdir())


def test_a_lookup_answers_what_it_has_seen_and_nothing_else():
    taught = lessons(300, 1)
    student = kind("lookup").fit(taught, lessons(60, 2), Setup(3))
    seen, unseen = student.answer([taught.inputs[0].upper(), "boil the pasta for nine minutes"])
    assert (seen.output, seen.ood_score) == (taught.answers[0], 0.0)
    assert (unseen.confidence, unseen.ood_score) == (0.0, 1.0)
