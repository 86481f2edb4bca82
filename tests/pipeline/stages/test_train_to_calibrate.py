"""From split to threshold on a made-up support desk: the numbers are right, repeatable and refuse to flatter."""

import json
import random
import shutil
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from corpus import ALL, TOPICS, examples, run_stages, spec

from analytics.errors import DataMissing, InputError
from pipeline.contracts import Answer
from pipeline.evaluation.compared import read_answers
from pipeline.examples import EXAMPLES
from pipeline.routing import plain_answers, read_calibration, refusal, route
from pipeline.scores import class_scores, length_terciles, macro_f1
from pipeline.stages.calibrate import Answered, calibrate
from pipeline.students import load_student


def careless(table, share, seed=3):
    """The same log with a teacher that is wrong at random."""
    random_ = random.Random(seed)
    rows = table.to_pylist()
    for row in rows:
        if random_.random() < share:
            row["output_text"] = random_.choice(sorted(TOPICS))
    return pa.Table.from_pylist(rows, schema=EXAMPLES)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk")
    return run_stages(folder / "run", careless(examples(2_400), 0.01), spec(alpha=0.05), *ALL)


def evaluation(inputs):
    return json.loads((inputs.folders["evaluate"] / "evaluation.json").read_text())


def test_the_student_agrees_on_new_inputs_and_beats_the_baselines(desk):
    found = evaluation(desk)
    new = found["agreement"]
    assert new["low"] <= new["value"] <= new["high"]
    assert new["value"] > 0.9
    for baseline in ("majority", "lookup"):
        assert found["baselines"][baseline]["agreement"]["high"] < new["low"]
    assert (
        found["baselines"]["lookup"]["agreement_traffic"]["value"]
        > found["baselines"]["majority"]["agreement"]["value"]
    )


def test_slices_add_up_to_the_traffic(desk):
    found = evaluation(desk)
    total = found["agreement_traffic"]["n"]
    for cut in ("input length", "seen before", "week", "language", "class", "distance to what was taught"):
        assert sum(row["n"] for row in found["slices"] if row["slice"] == cut) == total
    for row in found["slices"]:
        assert (row["agreement"] is None) == (row["n"] < row["least_rows"])
    assert sum(row["support"] for row in found["classes"]) == found["agreement"]["n"]


def test_student_and_teacher_are_scored_against_gold(desk):
    gold = evaluation(desk)["gold"]["traffic"]
    assert 0.98 < gold["teacher"]["value"] < 1
    assert gold["student"]["n"] == gold["teacher"]["n"]


def test_without_gold_accuracy_is_unknown(tmp_path):
    inputs = run_stages(tmp_path, examples(gold=None), spec(), *ALL[:-1])
    found = evaluation(inputs)
    assert (found["gold"], found["accuracy_gold"]) == (None, None)


def test_latency_is_measured_apart_from_the_figures(desk):
    timings = json.loads((desk.folders["evaluate"] / "timings.json").read_text())
    assert 0 < timings["latency_ms"]["p50"] <= timings["latency_ms"]["p95"]


def test_the_same_plan_makes_the_same_bytes(desk, tmp_path):
    again = run_stages(tmp_path / "run", careless(examples(2_400), 0.01), spec(alpha=0.05), *ALL)
    names = [
        path.relative_to(desk.home) for path in desk.home.rglob("*") if path.is_file() and path.name != "timings.json"
    ]
    assert len(names) > 10
    assert all((desk.home / name).read_bytes() == (again.home / name).read_bytes() for name in names)


def test_a_previous_student_of_another_version_stops_nothing(desk, tmp_path):
    from pipeline.stages import evaluate

    shutil.copytree(desk.folders["train"] / "student", tmp_path / "old")
    card = tmp_path / "old" / "student.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"format": -1}))
    inputs = replace(desk, folders=desk.folders | {"previous": tmp_path / "old"})
    compared = read_answers(desk.folders["split"], desk.folders["evaluate"] / "answers.parquet", 1)
    assert evaluate._with_previous(compared, inputs) is compared


def test_the_previous_student_is_compared_on_the_same_rows(desk, tmp_path):
    again = run_stages(
        tmp_path,
        careless(examples(2_400), 0.01),
        spec(alpha=0.05),
        *ALL[:-1],
        previous=desk.folders["train"] / "student",
    )
    before = evaluation(again)["previous"]
    assert (before["only_this"], before["only_previous"], before["p_value"]) == (0, 0, 1)
    assert before["agreement"] == evaluation(again)["agreement"]


def test_a_threshold_is_proved_and_holds_on_later_traffic(desk):
    rule = read_calibration(desk.folders["calibrate"])
    assert rule.threshold is not None
    assert rule.coverage is not None and rule.coverage.low > 0.3
    assert rule.served_disagreement is not None and rule.served_disagreement.low <= rule.alpha


def test_routing_follows_the_calibration(desk):
    rule, student = read_calibration(desk.folders["calibrate"]), load_student(desk.folders["train"] / "student")
    texts = ["where is my refund from monday", "boil the pasta for nine minutes in salted water"]
    (usual, first), (strange, second) = route(student, rule, texts)
    assert (usual.output, first) == ("refund", "student")
    assert (refusal(strange, rule) is not None, second) == (True, "teacher")


def made_up(rows, error, seed=0):
    """Confidences that mean what they say, around an error rate."""
    random_ = np.random.default_rng(seed)
    sure = 1 - random_.beta(1, 1 / error - 1, rows)
    same = random_.random(rows) < sure
    return Answered([Answer("a", float(value), 0.1) for value in sure], same.tolist())


def test_a_stricter_target_serves_less():
    held, traffic = made_up(4_000, 0.05), made_up(4_000, 0.05, seed=1)
    coverages = []
    for alpha in (0.05, 0.03, 0.01):
        coverage = calibrate(alpha, 0.05, held, traffic, ["a"]).coverage
        assert coverage is not None
        coverages.append(coverage.value)
    assert coverages == sorted(coverages, reverse=True)


def test_no_threshold_says_what_is_missing():
    few = calibrate(0.02, 0.05, made_up(100, 0.05), made_up(100, 0.05), ["a"])
    assert few.threshold is None
    assert few.coverage is not None and few.coverage.value == 0
    assert "149" in few.reason
    bad = Answered([Answer("a", 0.9, 0.1)] * 2_000, [False, True] * 1_000)
    assert "improve the student" in calibrate(0.02, 0.05, bad, bad, ["a"]).reason


def test_the_strangest_inputs_go_to_the_teacher_whatever_the_confidence():
    held = Answered([Answer("a", 0.99, place / 1_000) for place in range(1_000)], [True] * 1_000)
    rule = calibrate(0.02, 0.05, held, held, ["a"])
    assert refusal(Answer("a", 0.999, 0.995), rule) == "unfamiliar"
    assert refusal(Answer("a", 0.99, 0.5), rule) is None
    assert refusal(Answer("a", 0.1, 0.5), rule) == "unsure"


def test_no_calibration_is_data_missing(tmp_path):
    with pytest.raises(DataMissing, match="not calibrated"):
        read_calibration(tmp_path)


def test_an_objective_that_does_not_fit_is_refused(tmp_path):
    with pytest.raises(InputError, match="objective"):
        run_stages(tmp_path, examples(), spec(objective="logits"), "filter", "split", "train")


def test_plain_answers_peel_only_into_known_labels():
    assert plain_answers(["Category: refund", "'refund'", "refund", "'dog'"], ["refund"]) == ["refund"] * 3 + ["'dog'"]


def test_macro_f1_counts_a_label_never_found_as_zero():
    scores = class_scores(["a", "a", "a"], ["a", "a", "b"])
    assert macro_f1(scores) == pytest.approx((0.8 + 0) / 2)
    assert macro_f1([]) is None


def test_terciles_cover_all_lengths():
    assert length_terciles(["a" * n for n in range(1, 10)]) == ["1 short"] * 3 + ["2 middle"] * 4 + ["3 long"] * 2
    assert length_terciles([]) == []
