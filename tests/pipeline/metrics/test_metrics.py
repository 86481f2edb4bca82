"""Every metric scores what its sample says; one without a sample fails."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.store import query_problems
from pipeline.metrics import Known, discover, names
from pipeline.metrics.json_fields import by_field
from pipeline.metrics.json_valid import inferred_schema
from pipeline.metrics.parts.leaves import leaf_counts
from pipeline.metrics.text_similarity import chrf, common_subsequence

HERE = Path(__file__).parent
EVERY = names()


def sample(name):
    path = HERE / name / "sample.json"
    assert path.exists(), f"metric {name} needs a sample in {path}"
    found = json.loads(path.read_text())
    known = Known(found["answer_kind"], tuple(found.get("taught", ())), tuple(found.get("tables", ())))
    said, wanted, expected = ([row[column] for row in found["rows"]] for column in ("said", "wanted", "score"))
    return said, wanted, known, expected, found["figures"]


def test_metrics_are_found_by_being_there():
    assert {"exact", "label_f1", "json_fields", "numeric", "text_similarity", "json_valid", "sql_runs"} <= set(EVERY)
    assert set(discover("label")) >= {"exact", "label_f1"} and "json_fields" not in discover("label")


@pytest.mark.parametrize("name", EVERY)
def test_a_metric_scores_what_its_sample_says(name):
    said, wanted, known, expected, figures = sample(name)
    metric = discover()[name]
    assert metric.score(said, wanted, known) == pytest.approx(expected)
    tallies = metric.tallies(said, wanted, known)
    assert {key: tallies[key].value for key in figures} == pytest.approx(figures)
    assert metric.SAYS and metric.KINDS


@pytest.mark.parametrize("name", EVERY)
def test_what_applies_is_within_bounds_and_the_wanted_answer_itself_is_right(name):
    said, wanted, known, expected, _ = sample(name)
    metric = discover()[name]
    own = [score for score in metric.score(wanted, wanted, known) if score is not None]
    assert own == [1.0] * len(own)
    for tally in metric.tallies(said, wanted, known).values():
        assert len(tally.counts) == len(tally.applies) == len(said)
        assert tally.applies.tolist() == [score is not None for score in expected]
        assert tally.value is None or 0 <= tally.value <= 1


@pytest.mark.parametrize("name", EVERY)
def test_without_rows_a_figure_is_unknown(name):
    assert all(tally.value is None for tally in discover()[name].tallies([], [], Known()).values())


def test_chrf_is_the_published_formula():
    """abcd against abce, by hand: 3 of 4, 2 of 3, 1 of 2, 0 of 1 n-grams, equal counts, so F = precision."""
    assert chrf("ab cd", "abce") == pytest.approx((3 / 4 + 2 / 3 + 1 / 2 + 0) / 4)
    assert chrf("abc", "abcdef") == pytest.approx(np.mean([5 * m / (4 * t + g) for m, g, t in ((3, 3, 6), (2, 2, 5), (1, 1, 4), (0, 0, 3), (0, 0, 2), (0, 0, 1))]))  # fmt: skip
    assert chrf("", "") is None


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=12))
def test_the_common_subsequence_is_that_of_the_textbook(one, other):
    table = np.zeros((len(one) + 1, len(other) + 1), dtype=int)
    for i, first in enumerate(one):
        for j, second in enumerate(other):
            table[i + 1, j + 1] = table[i, j] + 1 if first == second else max(table[i, j + 1], table[i + 1, j])
    assert common_subsequence(one, other) == table[-1, -1]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("xyz", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)
objects = st.dictionaries(st.text("xyz", min_size=1, max_size=2), json_values, max_size=4)


@given(objects, objects)
def test_field_f1_is_even_handed_and_one_for_equal_answers(one, other):
    both = json.dumps(one), json.dumps(other)
    metric = discover()["json_fields"]
    there, back = metric.score([both[0]], [both[1]], Known("json")), metric.score([both[1]], [both[0]], Known("json"))
    assert there == pytest.approx(back)
    assert metric.score([both[0]], [json.dumps(one, indent=2)], Known("json")) == [1.0]


@given(st.lists(objects, min_size=1, max_size=5))
def test_what_trained_is_valid(taught):
    answers = [json.dumps(one) for one in taught]
    scores = discover()["json_valid"].score(answers, answers, Known("json", tuple(answers)))
    assert scores == [1.0] * len(answers)


def test_a_schema_requires_what_all_have():
    form = inferred_schema(('{"a": 1, "b": "x"}', '{"a": 2}'))
    assert form is not None and form["required"] == ["a"] and form["properties"]["b"] == {"type": ["string"]}


def test_scores_by_field_say_which_field_is_wrong():
    rows = by_field(['{"a": 1, "b": 2}', "oops"], ['{"a": 1, "b": 3}', '{"a": 5}'])
    assert [(row.path, row.support, row.precision, row.recall) for row in rows] == [
        ("$.a", 2, 1.0, 0.5),
        ("$.b", 1, 0.0, 0.0),
    ]


def test_deep_or_endless_json_is_read_as_far_as_anyone_would():
    assert leaf_counts("[" * 500 + "]" * 500) is not None
    assert leaf_counts("[" * 100_000) is None


def test_a_query_reads_no_file_and_does_nothing(tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    tables = (
        "create table t (a integer)",
        f"create table u as select * from read_csv('{secret}')",
        f"copy t to '{secret}'",
    )
    texts = [f"select * from read_csv('{secret}')", "select a from u", "delete from t", "select a from t"]
    *refused, fine = query_problems(texts, tables)
    assert all(refused) and fine is None and secret.read_text() == "a\n1\n"
