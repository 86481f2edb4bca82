"""One tiny base for all tests of the networks."""

import random

import pytest
from corpus import TOPICS, sentence
from tiny_base import tiny_base

from pipeline.base_models import find_base
from pipeline.students.neural import examples, forward
from pipeline.students.neural.chat import make_chat
from pipeline.students.neural.weights import read_tokenizer, read_weights


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    return find_base(tiny_base(str(tmp_path_factory.mktemp("base"))))


@pytest.fixture
def model(base):
    return read_weights(base)


@pytest.fixture
def chat(base):
    return make_chat(read_tokenizer(base), "Name the topic.")


@pytest.fixture
def pairs():
    dice = random.Random(2)
    return [(sentence(dice, topic), topic) for topic in sorted(TOPICS) for _ in range(8)]


@pytest.fixture
def corpus(chat, pairs):
    made = [examples.Example(chat.rest(text), chat.answer(answer)) for text, answer in pairs]
    return examples.Corpus(made, [chat.prefix])


@pytest.fixture
def answer_loss():
    return lambda net, batch: forward.cross_entropy(forward.predict(net, batch).logits, batch)
