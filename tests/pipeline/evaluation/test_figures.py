"""Figures and comparisons of a student whose faults are known."""

import json
import random

import pytest

from pipeline.evaluation.figures import Sheet, compare, figures
from pipeline.metrics import Known


def sheet(wanted, groups=None, kind="label", by="teacher"):
    return Sheet(wanted, groups or list(range(len(wanted))), "new inputs", by, Known(kind), 1)


def wrong(answers, share, seed):
    draw = random.Random(seed)
    return [draw.choice("abcd") if draw.random() < share else one for one in answers]


@pytest.fixture
def wanted():
    return random.Random(0).choices("abcd", k=400)


def test_every_metric_of_the_kind_has_a_row_with_its_interval_and_n(wanted):
    rows = {row.name: row for row in figures(wrong(wanted, 0.2, 1), sheet(wanted))}
    assert set(rows) == {"exact", "label_f1_macro", "label_f1_micro"}
    for row in rows.values():
        assert row.low < row.value < row.high and row.n == 400 and row.covers
    assert rows["exact"].covers == "95% Wilson" and "groups" in rows["label_f1_macro"].covers
    assert rows["label_f1_micro"].value == pytest.approx(rows["exact"].value)


def test_a_better_student_is_seen_and_the_family_is_corrected(wanted):
    others = {"previous": wrong(wanted, 0.5, 2), "same": wrong(wanted, 0.1, 1), "worse": wrong(wanted, 0.9, 3)}
    rows = [row for row in compare(others["same"], others, sheet(wanted)) if row.metric == "exact"]
    by = {row.against: row for row in rows}
    assert by["previous"].low > 0 and by["previous"].p_holm < 0.001 and by["previous"].test == "exact McNemar"
    assert (by["same"].difference, by["same"].p_value) == (0, 1)
    assert all(row.p_holm >= row.p_value for row in rows)
    macro = next(row for row in compare(others["same"], others, sheet(wanted)) if row.metric == "label_f1_macro")
    assert macro.difference > 0.2 and macro.test == "exchange of groups"


def test_repeats_of_an_input_count_once():
    wanted = ["a"] * 200
    said, other = ["a"] * 200, ["a"] * 150 + ["b"] * 50
    (single,) = [row for row in compare(said, {"x": other}, sheet(wanted)) if row.metric == "exact"]
    groups = [n // 25 for n in range(200)]
    (grouped,) = [row for row in compare(said, {"x": other}, sheet(wanted, groups)) if row.metric == "exact"]
    assert single.difference == grouped.difference == 0.25
    assert grouped.low < 0 < single.low and grouped.p_value > 0.05 > single.p_value
    assert "8 independent rows" in grouped.covers


def test_planted_damage_to_json_is_found_where_it_is():
    draw = random.Random(1)
    wanted = [json.dumps({"total": draw.randrange(100), "name": draw.choice(["ann", "bob"])}) for _ in range(300)]
    said = [
        one.replace('"total": ', '"total": 1') if n % 5 == 0 else one[:-1] if n % 5 == 1 else one
        for n, one in enumerate(wanted)
    ]
    rows = {row.name: row for row in figures(said, sheet(wanted, kind="json"))}
    assert rows["exact"].value == pytest.approx(0.6)
    assert rows["json_fields_unreadable"].value == pytest.approx(0.2)
    assert rows["json_fields_recall"].value == pytest.approx((0.6 * 2 + 0.2) / 2)
    assert rows["numeric"].value == pytest.approx(0.6) and "json_valid" not in rows
