"""Marks of many calls are spelled as those of one call are."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from analytics.tasks import blind
from analytics.tasks.marks import doubled, joined, named
from analytics.tasks.traffic import doublings
from analytics.tasks.words import WordClassifier

counts = st.one_of(st.none(), st.integers(0, 2_000_000))
calls = st.lists(
    st.fixed_dictionaries(
        {
            "key_hash": st.sampled_from(["", "k1", "k|2"]),
            "model": st.sampled_from(["", "gpt-4o"]),
            "user_hash": st.one_of(st.none(), st.sampled_from(["u1", "u2"])),
            "input_tokens": counts,
            "output_tokens": counts,
            "cached_tokens": counts,
        }
    ),
    min_size=1,
    max_size=30,
)
SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("key_hash", "model", "user_hash")]
    + [(f"{name}_tokens", pa.int64()) for name in ("input", "output", "cached")]
)


@given(calls)
def test_marks_of_a_table_are_the_marks_of_its_rows(rows):
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    learned = blind._marks(rows)
    words = learned.words.dictionary.take(learned.words.indices).to_pylist()
    expected = [words[at * len(rows) : (at + 1) * len(rows)] for at in range(len(words) // len(rows))]
    assert set(expected.pop(0)) == {""}  # the text that is missing
    assert [[one.words[code] for code in one.codes] for one in blind._record_marks(table)] == expected


@given(st.lists(counts, min_size=1), st.integers(1, 16))
def test_sizes_are_doubled_as_one_by_one(values, steps):
    found = doubled(pa.array(values, pa.int64()), steps)
    assert [found.words[code] for code in found.codes] == [doublings(value, steps) for value in values]


def test_only_combinations_that_occur_are_spelled():
    one, other = named(pa.array(["a", "b", "a"])), named(pa.array(["x", "y", "x"]))
    assert sorted(joined("p=", one, other).words) == ["p=a|x", "p=b|y"]


@given(calls)
def test_scores_of_marks_are_scores_of_tokens(rows):
    tokens = blind._marks(rows)
    vocabulary = sorted(set(tokens.words.dictionary.to_pylist()))[::2]
    weights = np.arange(2 * len(vocabulary), dtype=np.float32).reshape(-1, 2)
    classifier = WordClassifier(("a", "b"), tuple(vocabulary), weights, np.array([0.5, -0.5], dtype=np.float32))
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    found = classifier.mark_scores(blind._record_marks(table), len(rows))
    np.testing.assert_allclose(found, classifier.scores(tokens), rtol=1e-4)
