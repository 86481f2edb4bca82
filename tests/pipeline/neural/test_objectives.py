"""What a student learns from more than answers: states and distributions of a local teacher."""

import random
from dataclasses import replace

import pytest
import torch
from corpus import TOPICS, sentence
from tiny_base import make_base

from analytics.errors import InputError
from pipeline.base_models import find_base
from pipeline.contracts import Training
from pipeline.objectives import features, find, helping
from pipeline.objectives.parts.divergences import forward_kl
from pipeline.objectives.parts.local import local_teacher
from pipeline.students import Lessons, Setup
from pipeline.students.neural import recipe
from pipeline.students.neural.examples import Corpus, Example
from pipeline.students.neural.forward import collate, predict


def lessons(count, seed):
    dice = random.Random(seed)
    answers = [dice.choice(sorted(TOPICS)) for _ in range(count)]
    return Lessons([sentence(dice, topic) for topic in answers], answers, [True] * count)


KNOWN = lessons(300, 3)
TEXTS = [f"{text} {answer}" for text, answer in zip(KNOWN.inputs, KNOWN.answers, strict=True)]


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    """A local teacher that knows the task."""
    folder = make_base(tmp_path_factory.mktemp("teacher"), TEXTS)
    training = Training(method="full", learning_rate=3e-3, max_steps=80)
    made = recipe.train(find_base(str(folder)), lessons(600, 1), Setup(1, training=training, say=lambda _: None))
    made.model.save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """An untrained base half as wide and of another depth, with the teacher's tokenizer."""
    return str(make_base(tmp_path_factory.mktemp("small"), TEXTS, hidden=32, layers=3, seed=5))


def distance_from_teacher(teacher, small, objective):
    """Mean KL(teacher, student) at answer tokens of new inputs after forty lessons [nats], and the student."""
    chosen = Training(method="full", learning_rate=1e-2, max_steps=120, teacher_base=teacher)
    chosen = replace(chosen, teacher_base=None) if objective == "sequence" else chosen
    setup = Setup(1, objective=objective, training=chosen, say=lambda _: None)
    made = recipe.train(find_base(small), lessons(40, 2), setup)
    fresh = lessons(150, 9)
    pairs = zip(fresh.inputs, fresh.answers, strict=True)
    examples = [Example(made.chat.rest(text), made.chat.answer(answer)) for text, answer in pairs]
    batch = collate(examples, made.chat.prefix, [1.0] * len(examples), "cpu")
    with torch.inference_mode():
        own, theirs = (predict(one, batch).logits for one in (made.model, local_teacher(teacher, "cpu")))
    return float(forward_kl(theirs.log_softmax(-1), own.log_softmax(-1)).mean()), made


def test_a_teacher_that_shows_more_teaches_more(teacher, small):
    answers_alone, _ = distance_from_teacher(teacher, small, "sequence")
    for objective in ("logits", "features"):
        apart, made = distance_from_teacher(teacher, small, objective)
        assert apart < 0.9 * answers_alone
        assert not any(features.PROJECTIONS in name for name in made.weights)


def test_a_student_that_is_its_teacher_is_no_distance_away(teacher):
    from pipeline.students.neural.chat import make_chat
    from pipeline.students.neural.weights import read_tokenizer, read_weights

    base, training = find_base(teacher), Training(objective_weight=1.0, teacher_base=teacher)
    chat = make_chat(read_tokenizer(base))
    corpus = Corpus([Example(chat.rest("new address"), chat.answer("address"))], [chat.prefix])
    batch = collate(corpus.examples, chat.prefix, [1.0], "cpu")
    model = read_weights(base)
    with helping(find("features"), model, training), torch.no_grad():
        assert float(features.loss(model, batch, training)) == pytest.approx(0, abs=1e-5)
    assert not hasattr(model, features.PROJECTIONS)


def test_the_distance_of_states_against_numbers_by_hand():
    one = torch.tensor([[1.0, 0.0], [1.0, 1.0], [2.0, 0.0]])
    other = torch.tensor([[0.0, 3.0], [1.0, 0.0], [-1.0, 0.0]])
    assert features.cosine_distance(one, other).tolist() == pytest.approx([1.0, 1 - 0.5**0.5, 2.0])


def test_the_gradient_of_the_distance_is_its_slope():
    one = torch.randn(4, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1)).requires_grad_()
    other = torch.randn(4, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(2))

    def distance(states):
        return 1 - torch.nn.functional.cosine_similarity(states, other, dim=-1)

    assert torch.autograd.gradcheck(distance, (one,))
    assert features.cosine_distance(one, other).tolist() == pytest.approx(distance(one).tolist(), abs=1e-6)


@pytest.mark.parametrize("objective", ["logits", "features"])
def test_another_vocabulary_is_refused_in_words(teacher, tmp_path, objective):
    other = str(make_base(tmp_path / "other", TEXTS, vocabulary=300))
    training = Training(method="full", max_steps=1, teacher_base=teacher)
    with pytest.raises(InputError, match=r"vocabulary has .* tokens"):
        recipe.train(find_base(other), lessons(40, 2), Setup(1, objective=objective, training=training))


def test_states_of_an_api_teacher_are_refused():
    with pytest.raises(InputError, match="--teacher-base"):
        features.corpus(lessons(3, 1), None, Training())


def test_layers_are_matched_by_depth_the_last_with_the_last():
    for own in range(1, 40):
        for other in range(1, 60):
            found = features.matched_layers(own, other)
            assert found[-1] == (own, other)
            assert all(1 <= mine <= own and 1 <= theirs <= other for mine, theirs in found)
            assert found == sorted(found) and len({mine for mine, _ in found}) == len(found)
