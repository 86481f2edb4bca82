"""Planted failures are found, named and explained, and no input is quoted."""

import json
import random
from collections import Counter
from dataclasses import asdict, replace

import pytest
from made_up import desk

from pipeline.contracts import Answer
from pipeline.evaluation.compared import Compared
from pipeline.evaluation.failure_modes import contrasting_words, failure_modes
from pipeline.evaluation.lessons import LessonFacts, thin_classes
from pipeline.metrics import Known

FACTS = LessonFacts(Counter(pin=300, fees=300, travel=7, refund=300), {}, frozenset(), 200.0)


@pytest.fixture(scope="module")
def planted():
    """Every input about travel is taken for fees; a few others are wrong at random."""
    inputs, topics = desk(900, ("pin", "fees", "travel", "refund"), 4)
    draw = random.Random(1)
    said = ["fees" if topic == "travel" else draw.choice(["pin", topic, *[topic] * 20]) for topic in topics]
    facts = replace(FACTS, words=frozenset(word for text in inputs for word in text.split()))
    return Compared(
        inputs, inputs, topics, [None] * 900, list(range(900)), [True] * 900, [None] * 900,
        [Answer(one, 0.9, 0.1) for one in said], Known("label"), 1, call_ids=[f"call-{n}" for n in range(900)],
    ), facts  # fmt: skip


def test_a_planted_failure_is_a_mode_with_its_cause(planted):
    compared, facts = planted
    modes = failure_modes(compared, facts)
    assert sum(mode.failures for mode in modes) == sum(
        a != b for a, b in zip(compared.said, compared.teacher, strict=True)
    )
    assert sum(mode.share_of_failures for mode in modes) == pytest.approx(1)
    travel = [mode for mode in modes if mode.commonest.startswith("travel taken for fees")]
    assert sum(mode.failures for mode in travel) > 0.85 * sum(mode.failures for mode in modes)
    assert all("few lessons of class travel: 7 in training" in mode.would_help[0] for mode in travel)
    assert all(mode.error_rate.value > 0.3 and mode.error_rate.n >= mode.failures for mode in travel)
    assert {word for mode in travel for word in mode.name.split(", ")} & {
        "abroad",
        "holiday",
        "trip",
        "spain",
        "airport",
        "hotel",
        "visa",
    }


def test_the_same_failures_give_the_same_modes_and_quote_no_input(planted):
    compared, facts = planted
    text = json.dumps([asdict(mode) for mode in failure_modes(compared, facts)])
    assert text == json.dumps([asdict(mode) for mode in failure_modes(compared, facts)])
    assert not any(one in text for one in compared.inputs)
    assert "call-" in text


def test_causes_are_told_apart(planted):
    compared, facts = planted
    wavering = replace(facts, answers=Counter(travel=300), by_group={n: Counter(pin=2, travel=2) for n in range(900)})
    assert any(
        "disagrees with itself" in line for mode in failure_modes(compared, wavering) for line in mode.would_help
    )
    plenty = replace(facts, answers=Counter(pin=99, fees=99, travel=99, refund=99))
    wrong = replace(compared, gold=list(compared.said))
    assert any("wrong by gold" in line for mode in failure_modes(wrong, plenty) for line in mode.would_help)
    short = replace(plenty, long_from=5.0)
    assert any("long inputs" in line for mode in failure_modes(compared, short) for line in mode.would_help)
    usual = frozenset(
        word
        for text, topic in zip(compared.inputs, compared.teacher, strict=True)
        if topic != "travel"
        for word in text.split()
    )
    strange = failure_modes(compared, replace(plenty, words=usual))
    assert any("new words" in line for mode in strange for line in mode.would_help)


def test_no_failure_has_no_mode_and_few_are_one(planted):
    compared, facts = planted
    right = replace(compared, answers=[Answer(one, 0.9, 0.1) for one in compared.teacher])
    assert failure_modes(right, facts) == []
    answers = [Answer("pin" if n in (3, 8) else one, 0.9, 0.1) for n, one in enumerate(compared.teacher)]
    assert len(failure_modes(replace(compared, answers=answers), facts)) <= 1


def test_words_that_tell_a_group():
    assert contrasting_words(
        ["red car", "red bus", "red van"], ["red car", "red bus", "red van", *["blue car"] * 9]
    ) == ["red"]
    assert contrasting_words(["a b"], ["a b"]) == []


def test_thin_classes_are_those_hardly_taught():
    found = thin_classes(FACTS, ["travel"] * 3 + ["pin"] * 9 + ["never"], few=20)
    assert [(one.label, one.lessons, one.calls) for one in found] == [("travel", 7, 3), ("never", 0, 1)]
