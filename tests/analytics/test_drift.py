import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from analytics.narrowness_drift import drift, jensen_shannon
from tests.analytics.test_stand_ins import requests

START = datetime(2026, 3, 1, tzinfo=UTC)


def over_three_months(rows):
    return [START + timedelta(days=90 * at / rows) for at in range(rows)]


def test_divergence_of_known_mixes():
    even, sure = np.array([0.5, 0.5]), np.array([1.0, 0.0])
    assert float(jensen_shannon(even, even)) == pytest.approx(0)
    # H(3/4, 1/4) - H(1/2, 1/2) / 2 in bits
    assert float(jensen_shannon(even, sure)) == pytest.approx(0.8112781 - 0.5, abs=1e-6)


def test_noise_is_not_called_drift():
    found = [drift(*requests(600, seed), over_three_months(600)) for seed in range(10)]
    assert sum(one.is_real for one in found) <= 1
    assert {one.months for one in found} == {3}


def test_a_new_mix_is_called_drift_and_dated():
    texts, labels = requests(900)
    times = over_three_months(900)
    rng = random.Random(0)
    kept = [at for at, label in enumerate(labels) if times[at].month < 5 or label != "login" or rng.random() < 0.1]
    found = drift([texts[at] for at in kept], [labels[at] for at in kept], [times[at] for at in kept])
    assert found.is_real and found.between == "2026-04 to 2026-05"


def test_without_two_months_nothing_is_compared():
    texts, labels = requests(120)
    assert drift(texts, labels, None) is None
    assert drift(texts, labels, [START] * 120) is None
    assert drift(texts, labels, [None] * 120) is None
