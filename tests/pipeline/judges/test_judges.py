"""Every judge decides its sample as a fair model would, through the ledger; one without a sample fails."""

import json
import re
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.errors import UnknownName
from pipeline.judges import Judged, find, names
from pipeline.teaching.asker import Asker, Terms
from pipeline.teaching.ledger import Ledger
from tests.pipeline.teaching.conftest import HURRY, MODEL, PRICE
from tests.support.provider import Provider

HERE = Path(__file__).parent


def fair(text):
    """Prefers what begins with good, whatever the answers themselves say."""
    a, b = (re.search(rf"<{tag}>\n(.*?)\n</{tag}>", text, re.DOTALL).group(1) for tag in "AB")
    if "unreadable" in a + b:
        return "A wins"
    ranks = [one.startswith("good") for one in (a, b)]
    return json.dumps({"winner": "tie" if ranks[0] == ranks[1] else "A" if ranks[0] else "B"})


def verdicts(tmp_path, name, rows, answer):
    with (
        Provider(answer=answer) as provider,
        closing(Ledger(tmp_path / "ledger.sqlite")) as ledger,
        Asker(Terms(MODEL, provider.url, PRICE), ledger, patience=replace(HURRY, deadline_s=60.0), seed=1) as asker,
    ):
        return find(name).judge(asker, rows), provider.requests


@pytest.mark.parametrize("name", names())
def test_a_judge_decides_its_sample(name, tmp_path):
    path = HERE / name / "sample.json"
    assert path.exists(), f"judge {name} needs a sample in {path}"
    sample = json.loads(path.read_text())["rows"]
    rows = [Judged("which is better?", row["student"], row["teacher"]) for row in sample]
    found, requests = verdicts(tmp_path, name, rows, fair)
    assert found == [row["verdict"] for row in sample]
    assert requests <= 2 * len(rows) and find(name).SAYS


@pytest.mark.parametrize("name", names())
def test_a_judge_that_follows_the_order_says_nothing(name, tmp_path):
    found, _ = verdicts(tmp_path, name, [Judged("q", "one", "two")], lambda text: '{"winner": "B"}')
    assert found == [True]  # a tie


def test_an_unknown_judge_names_the_known_ones():
    with pytest.raises(UnknownName, match="pairwise"):
        find("oracle")
