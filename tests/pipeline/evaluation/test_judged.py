"""Corrections of a judge against published figures, and their coverage in simulation."""

import numpy as np
import pytest

from pipeline.evaluation.judged import judge_report, ppi_mean, rogan_gladen, rogan_gladen_interval

Y = [int(one) for one in "11011101111011111101"]
F = [int(one) for one in "11011111111011011101"]
ALONE = [1] * 170 + [0] * 30


@pytest.mark.parametrize(
    ("weight", "value", "low", "high"), [(1, 0.85, 0.7028394584, 0.9971605416), (0, 0.80, 0.62470, 0.97530)]
)
def test_ppi_with_a_given_weight(weight, value, low, high):
    found, _ = ppi_mean(Y, F, ALONE, weight)
    assert (found.value, found.low, found.high) == pytest.approx((value, low, high), abs=1e-5)


def test_ppi_with_a_tuned_weight():
    found, weight = ppi_mean(Y, F, ALONE)
    assert (found.value, found.low, found.high) == pytest.approx((0.83809, 0.70469, 0.97150), abs=2e-4)
    assert 0.7 < weight < 0.8


def test_rogan_gladen():
    assert rogan_gladen(0.90, 0.95, 0.80) == pytest.approx(0.9333333333)
    assert rogan_gladen(0.1, 0.9, 0.8) == 0 and rogan_gladen(0.5, 0.5, 0.5) is None


def draws(generator, share, n, se=0.85, sp=0.75):
    truth = generator.random(n) < share
    said = np.where(truth, generator.random(n) < se, generator.random(n) >= sp)
    return truth, said


@pytest.mark.parametrize("share", [0.3, 0.7, 0.9])
def test_corrected_shares_cover_and_raw_ones_do_not(share):
    generator = np.random.default_rng(9)
    held = raw = pooled = 0
    for _ in range(1_000):
        truth, said = draws(generator, share, 300)
        _, alone = draws(generator, share, 600)
        accepted = int(alone.sum())
        found = rogan_gladen_interval(
            accepted, 600, int(said[truth].sum()), int(truth.sum()), int((~said[~truth]).sum()), int((~truth).sum())
        )
        held += found.low <= share <= found.high
        raw += abs(accepted / 600 - share) < 1.96 * np.sqrt(share * (1 - share) / 600)
        ppi, _ = ppi_mean(truth, said, alone)
        pooled += ppi.low <= share <= ppi.high
    assert held / 1_000 >= 0.93 and pooled / 1_000 >= 0.93
    assert raw / 1_000 < 0.7


def test_a_report_says_what_the_judge_is_worth():
    generator = np.random.default_rng(1)
    truth, said = draws(generator, 0.6, 400)
    facts = [bool(one) if n < 200 else None for n, one in enumerate(truth)]
    verdicts = [None if n % 40 == 0 else bool(one) for n, one in enumerate(said)]
    found = judge_report("pairwise", "openai/mock", verdicts, facts)
    assert (found.asked, found.unreadable) == (400, 10)
    assert (
        found.sensitivity.low < 0.85 < found.sensitivity.high and found.specificity.low < 0.75 < found.specificity.high
    )
    assert found.corrected.low < 0.6 < found.corrected.high and found.with_gold.low < 0.6 < found.with_gold.high
    assert 0.15 < found.weight < 1


def test_a_judge_without_gold_is_not_corrected():
    found = judge_report("pairwise", "openai/mock", [True] * 50, [None] * 50)
    assert found.accepted.value == 1 and found.corrected is None and found.agreement_with_gold is None
    assert "20 of each are needed" in found.why
    coin = judge_report("pairwise", "openai/mock", [True, False] * 50, [True, True, False, False] * 25)
    assert coin.corrected is None or (coin.corrected.low == 0 and coin.corrected.high == 1)
