"""Static sentence vectors: offline, unit length, and alike for texts that are alike."""

import logging

import numpy as np

from analytics.embed import DIMENSIONS, embed


def test_vectors_have_length_one():
    vectors = embed(["where is my card", "the parcel is late"])
    assert vectors.shape == (2, DIMENSIONS)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_like_texts_are_nearer_than_unlike_ones():
    card, lost, pasta = embed(["my card was lost", "i lost my bank card", "boil the pasta for nine minutes"])
    assert card @ lost > card @ pasta + 0.3


def test_a_text_gets_the_same_vector_alone_and_in_a_batch():
    texts = ["a", "where is my card", "a much longer text about a parcel that never came to my house"]
    np.testing.assert_array_equal(embed(texts), np.concatenate([embed([text]) for text in texts]))


def test_no_words_give_the_zero_vector():
    assert not embed([""]).any()
    assert embed([]).shape == (0, DIMENSIONS)


def test_loading_the_vectors_leaves_the_root_logger_alone():
    embed(["warm"])
    assert not any(type(handler) is logging.StreamHandler for handler in logging.getLogger().handlers)
