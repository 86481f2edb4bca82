import itertools
import random

import numpy as np
import pytest

from analytics.narrowness_features import embedded_cosines, gram_products, likeness
from analytics.narrowness_kernel import encode, inverse, learn_and_ask, leave_one_out
from analytics.stand_ins import LEAST_REQUESTS, try_out

WORDS = {
    "refund": ["refund", "money", "back", "charged", "returned", "payment"],
    "parcel": ["parcel", "delivery", "courier", "tracking", "shipped", "late"],
    "login": ["password", "login", "account", "locked", "reset", "email"],
}


def requests(rows, seed=0):
    rng = random.Random(seed)
    labels = [rng.choice(sorted(WORDS)) for _ in range(rows)]
    return [" ".join([*rng.sample(WORDS[label], 3), str(rng.randrange(9999))]) for label in labels], labels


def test_a_kernel_is_symmetric_and_a_text_is_most_like_itself():
    kernel, cosines = likeness(requests(60)[0])
    assert np.allclose(kernel, kernel.T, atol=1e-5)
    assert (kernel.argmax(axis=1) == np.arange(60)).all()
    assert np.allclose(np.diag(cosines), 1, atol=1e-5)


def test_products_of_grams_are_those_of_tf_idf_vectors():
    # Against word vectors worked out by hand: each text has blocks of length one for words and for pieces.
    products = gram_products(["red car", "red car", "blue sky", "blue sky"])
    expected = np.kron(np.eye(2), np.ones((2, 2))) * 2
    assert np.allclose(products, expected, atol=1e-5)


def test_a_piece_never_reaches_over_a_space():
    # "ab" ends one word and starts another; nothing else is shared, and single letters are too short to be pieces.
    assert gram_products(["xy zv", "xy zv", "yz qq", "yz qq"])[0, 2] == pytest.approx(0, abs=1e-6)


def test_leaving_one_out_needs_no_second_fit():
    texts, labels = requests(40)
    kernel, cosines = likeness(texts)
    codes, classes = encode(labels)
    at_once = leave_one_out(inverse(kernel), cosines, codes, classes)
    everyone = np.arange(40)
    one_by_one = [
        learn_and_ask(kernel, cosines, codes, classes, np.delete(everyone, at), everyone[at : at + 1]).right[0]
        for at in everyone
    ]
    assert at_once.right.tolist() == one_by_one


def test_an_answer_given_once_cannot_be_foretold():
    codes, classes = encode(["a", "b", "a", "c"])
    assert codes.tolist() == [0, -1, 0, -1] and classes == 1


def test_more_lessons_agree_more():
    texts, labels = requests(400)
    rungs = try_out(texts, labels).rungs
    assert [rung.lessons for rung in rungs] == [400, 200, 100, 50]
    assert rungs[0].agreement >= rungs[-1].agreement
    assert rungs[0].agreement > 0.95


def test_requests_that_read_the_same_count_once():
    texts, labels = requests(200)
    assert try_out(texts + [text.upper() for text in texts], labels * 2).new_rows == len(set(texts))


def test_too_few_requests_are_not_tried():
    found = try_out(*requests(LEAST_REQUESTS - 1))
    assert found.new_rows == 0 and found.rungs == () and found.neighbour is None


def test_a_task_that_turns_round_loses_on_its_newest_requests():
    texts, labels = requests(600)
    turned = dict(itertools.pairwise([*sorted(WORDS), sorted(WORDS)[0]]))
    late = [label if at < 480 else turned[label] for at, label in enumerate(labels)]
    assert try_out(texts, late).drop > 0.2
    assert try_out(texts, labels).drop == 0


def test_each_key_of_an_answer_is_tried_on_its_own():
    texts, labels = requests(300)
    noise = [random.Random(text).choice("xy") for text in texts]
    found = try_out(texts, [f"{a} {b}" for a, b in zip(labels, noise, strict=True)], {"kind": labels, "noise": noise})
    assert found.field_right["kind"].mean() > 0.95
    assert found.field_right["noise"].mean() < 0.65


def test_cosines_are_around_the_centre():
    cosines = embedded_cosines(["pay my bill", "track my parcel", "reset my password", "pay my invoice"])
    assert abs(float(cosines.mean())) < 0.2
