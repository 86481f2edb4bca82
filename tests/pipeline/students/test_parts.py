"""The parts of a head, each on its own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.embed import embed
from analytics.labels import apply_repairs, normalise_input, repair_answer, repairs
from pipeline.groups import near_duplicate_groups
from pipeline.students.parts.confidence import SIGNALS, fit_confidence
from pipeline.students.parts.grams import fit_grams
from pipeline.students.parts.linear import fit_linear, shares
from pipeline.students.parts.memory import make_memory
from pipeline.template import find_template

WORDS = ["card", "lost", "pin", "blocked", "refund", "parcel", "late", "address", "invoice", "cancel"]


def test_grams_rows_hold_two_blocks_of_length_one():
    grams = fit_grams(["lost my card", "my card is lost", "new pin please", "pin please"])
    row = grams.transform(["lost card please"])
    assert float(np.sqrt(row.multiply(row).sum())) == pytest.approx(np.sqrt(2), abs=1e-5)


def test_grams_do_not_depend_on_the_order_of_the_texts():
    texts = ["lost my card", "my card is lost", "new pin please"]
    one, other = fit_grams(texts), fit_grams(texts[::-1])
    assert one.vocabulary == other.vocabulary
    assert (one.idf == other.idf).all()


def test_words_never_seen_give_an_empty_row():
    assert fit_grams(["lost my card"]).transform(["日本語"]).nnz == 0


@pytest.mark.parametrize("labels", [[0, 1, 0, 1], [0, 1, 2, 1], [1, 1, 1, 1]])
def test_linear_scores_have_a_column_a_label(labels):
    texts = ["lost my card", "new pin please", "my card is lost", "forgot the pin"]
    grams = fit_grams(texts)
    rows, dense = grams.transform(texts), embed(texts)
    linear = fit_linear(rows, dense, np.array(labels, dtype=np.int32), 3, 0)
    scores = linear.scores(rows, dense)
    assert scores.shape == (4, 3)
    assert scores.argmax(axis=1).tolist() == labels
    assert shares(scores).sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_memory_prefers_the_same_form_then_the_nearest():
    forms = ["lost my card", "forgot my pin", "where is my parcel"]
    memory = make_memory(forms, [0, 1, 2], embed(forms), 64)
    asked = ["forgot my pin", "lost my cards"]
    exact, near = memory.recall(asked, embed(asked))
    assert (exact.label, exact.is_exact, exact.overlap) == (1, True, 1.0)
    assert (near.label, near.is_exact) == (0, False)
    assert 0.5 < near.overlap < 1


def test_memory_keeps_the_majority_of_repeats():
    forms = ["lost my card"] * 3
    assert make_memory(forms, [0, 1, 1], embed(forms), 64).labels.tolist() == [1]


def test_confidence_without_a_mistake_stays_below_one():
    observed = np.random.default_rng(0).normal(size=(60, len(SIGNALS)))
    chances = fit_confidence(observed, [True] * 60).probability(observed)
    assert 0.9 < chances.min() <= chances.max() < 1


def test_confidence_is_calibrated_on_its_own_kind_of_rows():
    random = np.random.default_rng(1)
    observed = random.normal(size=(4_000, len(SIGNALS)))
    truth = random.random(4_000) < 1 / (1 + np.exp(-(1.0 + 1.5 * observed[:, 0])))
    model = fit_confidence(observed[:2_000], truth[:2_000].tolist())
    chances = model.probability(observed[2_000:])
    for low, high in ((0.0, 0.5), (0.5, 0.8), (0.8, 1.0)):
        part = (chances >= low) & (chances < high)
        assert truth[2_000:][part].mean() == pytest.approx(chances[part].mean(), abs=0.06)


@pytest.mark.parametrize(
    "written",
    ["Category: card", '"card"', "card.", "```\ncard\n```", "```text\ncard\n```", 'Answer: "card".', "**card**"],
)
def test_slips_are_peeled(written):
    assert repair_answer(written) == "card"


@given(st.text(max_size=40))
def test_peeling_twice_changes_nothing(text):
    assert repair_answer(repair_answer(text)) == repair_answer(text)


def test_a_label_that_really_ends_in_a_full_stop_stays():
    found = repairs(["e.g."] * 9 + ["card"] * 5 + ["card."])
    assert (found["e.g."], found["card."]) == ("e.g.", "card")


def test_an_unseen_slip_of_a_known_label_is_repaired():
    assert apply_repairs(["'card'", "'dog'"], repairs(["card"])) == ["card", "'dog'"]


@given(st.text(max_size=60))
def test_the_form_of_a_form_is_itself(text):
    assert normalise_input(normalise_input(text)) == normalise_input(text)


def test_templates_are_found_and_taken_off():
    texts = [f"Name the topic of the text.\n\nQ: {word} number {place}\nA:" for place, word in enumerate(WORDS * 2)]
    template = find_template(texts)
    assert [template.bare(text) for text in texts[:2]] == ["card number 0", "lost number 1"]
    assert template.bare("unrelated") == "unrelated"


def test_common_openings_are_no_template():
    assert find_template([f"How do I {word}" for word in WORDS]).prefix == ""


def test_near_duplicates_share_a_group():
    forms = [
        "how do i change my pin while traveling abroad",
        "hi how do i change my pin while traveling abroad",
        "how do i change my pin while travelnig abroad",
        "where is the parcel that i ordered last week",
    ]
    first, second, third, other = near_duplicate_groups(forms)
    assert first == second == third != other


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join), min_size=1, max_size=40))
def test_equal_forms_are_always_in_one_group(forms):
    groups = near_duplicate_groups(forms)
    assert all(groups[forms.index(form)] == group for form, group in zip(forms, groups, strict=True))
