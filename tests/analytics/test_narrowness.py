import dataclasses
import json
import random

import pytest

from analytics.answers import canonical_answers, shows_reasoning
from analytics.growth import monthly_growth, weekly_totals
from analytics.narrowness import Narrowness, Repeats, Sample, measure
from analytics.narrowness_drift import Drift
from analytics.narrowness_traffic import coverage, on_traffic
from analytics.narrowness_words import drifting, explain
from analytics.stand_ins import try_out
from analytics.statistics import wilson
from analytics.terminal import plain
from tests.loglines import LABELS


def measured(inputs, outputs, repeats=None):
    return measure(
        Sample(inputs, outputs), repeats, template_share=0.5, input_spread=1.0, output_spread=1.0, alpha=0.02
    )


def mail(rows, seed=0):
    rng = random.Random(seed)
    labels = [rng.choice(sorted(LABELS)) for _ in range(rows)]
    return [rng.choice(LABELS[label]).format(n=f"{rng.random():.6f} w{rng.randrange(500)}") for label in labels], labels


def test_a_closed_task_that_follows_from_its_input_is_predicted_well():
    found = measured(*mail(800))
    assert found.is_closed and found.labels == 4
    assert found.predicted_agreement.low > 0.95


def test_answers_that_do_not_follow_from_the_input_are_predicted_badly():
    inputs, labels = mail(800)
    random.Random(1).shuffle(labels)
    found = measured(inputs, labels)
    assert found.is_closed and found.predicted_agreement.high < 0.5


def test_free_text_is_not_closed_and_new_each_time():
    inputs, _ = mail(400)
    found = measured(inputs, [f"a long answer of its own kind, number {n}, " * 4 for n in range(400)])
    assert not found.is_closed and found.answer_novelty == 1


def test_without_enough_new_requests_nothing_is_predicted():
    assert measured(["same"] * 400, ["x", "y"] * 200).predicted_agreement is None


def test_no_answers_no_measure():
    assert measured([], []) is None


def test_answers_are_compared_without_their_form():
    assert canonical_answers(["refund", "refund", "Category: refund", '"refund"']) == ["refund"] * 4
    assert len(set(canonical_answers(['{"a": 1, "b": 2}', '{"b": 2, "a": 1}', '```json\n{"a":1,"b":2}\n```']))) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("First 3 * 4 = 12, then 12 + 5 = 17. So the answer is 17.", True),
        ('{"reasoning": "because", "answer": "1"}', True),
        ("refund", False),
        ('{"date": "monday"}', False),
        ("SELECT a FROM b WHERE c = 1", False),
    ],
)
def test_reasoning_is_recognised(text, expected):
    assert shows_reasoning(text) is expected


REPEATS = Repeats(
    new_rows=100, repeated_rows=60, agreeing_rows=57, novelty=0.4, self_consistency=0.95, repeated_pairs=500
)


def test_agreement_on_traffic_counts_repeats_as_the_log_answered_them():
    found = on_traffic(wilson(80, 100), REPEATS)
    assert found.value == pytest.approx(0.57 + 0.4 * 0.8)
    assert found.low < found.value < found.high


def test_coverage_takes_the_better_of_serving_repeats_and_leaving_them():
    trial = try_out(*mail(500))
    wrong_repeats = Repeats(100, 60, 30, 0.4, 0.5, 500)
    assert coverage(trial, wrong_repeats, 0.02) <= 0.4 + 1e-9
    assert coverage(trial, REPEATS, 0.5) == pytest.approx(1.0)


def test_growth_is_found_and_flat_is_flat():
    growing = monthly_growth([100 * 1.10 ** (day / 30.4) for day in range(91)])
    assert growing.value == pytest.approx(0.10, abs=1e-6)
    flat = monthly_growth([50.0] * 70)
    assert flat.value == pytest.approx(0, abs=1e-9)


def test_growth_of_a_short_log_is_unknown():
    assert monthly_growth([1.0] * 30) is None


def test_weeks_are_whole_and_end_with_the_newest_day():
    assert weekly_totals([100.0, *[1.0] * 14]) == [7, 7]


def steady(**changed):
    return dataclasses.replace(measured(*mail(800)), **changed)


def test_a_narrowness_survives_json():
    found = steady(drift=Drift(3, "answers", 0.2, 0.01, "2026-03 to 2026-04"))
    again = json.loads(json.dumps(plain(found)))
    assert Narrowness.from_json({**again, "of_a_later_version": 1}) == found
    assert Narrowness.from_json(again).predicted_ood_share.covers.startswith("80 %")


def test_text_has_no_predicted_agreement_and_says_why():
    inputs, _ = mail(400)
    found = measured(inputs, [f"a long answer of its own kind, number {n}, " * 4 for n in range(400)])
    assert found.predicted_agreement is None and found.predicted_fine_tuned_agreement is None
    assert "text" in found.unpredicted_because and found.unpredicted_because in explain(found)["predicted_agreement"]


def test_json_is_predicted_whole_and_key_by_key():
    inputs, labels = mail(600)
    noise = [str(random.Random(text).randrange(3)) for text in inputs]
    outputs = [json.dumps({"kind": label, "noise": one}) for label, one in zip(labels, noise, strict=True)]
    found = measured(inputs, outputs)
    assert found.field_agreement["kind"].low > 0.9
    assert found.field_agreement["noise"].high < 0.6
    assert found.predicted_agreement.value < found.field_agreement["kind"].value


def test_a_whole_log_behind_the_sample_means_more_lessons():
    sample = Sample(*mail(400))
    few, many = (
        measure(
            sample, None, template_share=None, input_spread=None, output_spread=None, alpha=0.02, distinct_requests=rows
        )
        for rows in (None, 40_000)
    )
    assert many.lessons == 26_000 and few.lessons < 400
    assert many.predicted_agreement.value >= few.predicted_agreement.value


def test_every_known_component_has_a_sentence_with_its_number():
    said = explain(steady(self_consistency=0.81, repeated_pairs=200), wilson(70, 100))
    assert "at most 90.0%" in said["self_consistency"]  # the root of 0.81
    assert (
        said["teacher_accuracy"].startswith("The teacher is wrong on 30.0%") and "inherits" in said["teacher_accuracy"]
    )
    assert {"predicted_agreement", "predicted_fine_tuned_agreement", "predicted_ood_share", "majority_share"} <= set(
        said
    )
    assert all(sentence.endswith(".") for sentence in said.values())


def test_noise_between_months_is_called_steady():
    assert "steady" in drifting(steady(drift=Drift(3, "requests", 0.01, 0.02, "2026-03 to 2026-04")))
    assert "changes" in drifting(steady(drift=Drift(3, "requests", 0.2, 0.02, "2026-03 to 2026-04")))
