"""What a base would mean for a task: smaller fits sooner, trains faster and pays earlier."""

import pytest

from analytics.workspace import Workspace
from pipeline.base_models import catalogue
from pipeline.bases_for_tasks import Meaning, is_wanted, lengths_of, meanings, pays_from_usd

SMALL, LARGE = (catalogue()[name] for name in ("smollm2-135m-instruct", "qwen3-14b"))


@pytest.fixture
def mail(mail_home):
    return Workspace(mail_home)


def test_every_base_is_told_for_every_task(mail):
    found = meanings(mail, [SMALL, LARGE])
    ((small,), (large,)) = found[SMALL.name], found[LARGE.name]
    assert small.task_id == large.task_id and small.star_spend_usd == large.star_spend_usd > 0
    assert small.needed_gb < large.needed_gb and 0 < small.train_hours < large.train_hours
    assert meanings(mail, [SMALL], small.task_id)[SMALL.name] == [small]
    assert meanings(mail, [SMALL], "no such task")[SMALL.name] == []


def test_without_an_analysis_nothing_is_told(tmp_path):
    assert meanings(Workspace(tmp_path / "none"), [SMALL]) == {}


def test_a_larger_base_never_pays_from_a_smaller_bill():
    from analytics.assumptions import defaults

    pays = [pays_from_usd(defaults(), parameters) for parameters in (10**8, 10**9, 8_030_000_000, 3 * 10**10)]
    assert pays == pytest.approx(sorted(pays)) and pays[0] < pays[3]
    assert pays[2] == pytest.approx(17_230.856736539)  # the study's own case: 8B at the assumed capacity


def test_the_constant_prompt_is_not_trained_on():
    profile = {"mean_input_tokens": 500.0, "mean_output_tokens": 4.0, "trainable_rows": 1_000}
    assert lengths_of(profile).mean == 504
    assert lengths_of(profile | {"narrowness": {"template_share": 0.9}}).mean == pytest.approx(54)
    assert lengths_of(profile | {"mean_input_tokens": None}) is None


def test_in_words():
    made = Meaning("t-1", "mail", "wait", True, 3.0, 1.5, 9_000.0, 5_000.0, [])
    assert made.sentence == "trains in 1.5 h; pays from $9,000 a month" and not is_wanted(made)
    tried = Meaning(
        "t-1", "mail", "wait", False, 30.0, None, None, 5_000.0, [{"student_id": "causal-1", "agreement": 0.9}]
    )
    assert tried.sentence == "tried: causal-1 agrees on 90.0%" and is_wanted(tried)
    too_large = Meaning("t-1", "mail", "pilot", False, 30.0, None, None, 5_000.0, [])
    assert too_large.sentence == "needs 30.0 GB to train, not here; pays at no bill" and is_wanted(too_large)
