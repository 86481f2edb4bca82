"""Outputs made elsewhere against those that were evaluated."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import InputError
from pipeline.contracts import Gate
from pipeline.evaluation.parity import is_equal, parity, read_outputs

IDS = [f"call-{n}" for n in range(600)]
SAID = [json.dumps({"a": n, "b": "x"}) for n in range(600)]


def elsewhere(changed=0, left_out=0):
    rows = dict(zip(IDS, SAID, strict=True))
    rows |= dict.fromkeys(IDS[:changed], "quantised away")
    return {one: rows[one] for one in IDS[left_out:]}


def test_the_same_outputs_are_in_parity_and_form_does_not_count():
    other = {
        one: json.dumps(dict(reversed(json.loads(said).items())), indent=1) for one, said in zip(IDS, SAID, strict=True)
    }
    found = parity(IDS, SAID, other, range(600), Gate())
    assert (found.equal, found.n, found.check.passed, found.missing) == (600, 600, True, 0)
    assert found.check.low > 0.98 and "is in parity" in found.sentence


def test_a_damaged_export_is_not_and_few_rows_cannot_say():
    found = parity(IDS, SAID, elsewhere(changed=60), range(600), Gate())
    assert found.check.passed is False and found.differing == IDS[:5]
    few = parity(IDS, SAID, elsewhere(left_out=500), range(600), Gate())
    assert few.check.passed is None and (few.n, few.missing) == (100, 500)
    assert parity(IDS, SAID, {}, range(600), Gate()).check.passed is None


def test_outputs_are_read_or_refused_with_the_line(tmp_path):
    file = tmp_path / "out.jsonl"
    file.write_text('{"call_id": "a", "output": "x"}\n\n{"call_id": "b", "output": "y"}\n')
    assert read_outputs(file) == {"a": "x", "b": "y"}
    file.write_text('{"call_id": "a", "output": "x"}\n{"call_id": "b"}\n')
    with pytest.raises(InputError, match="line 2"):
        read_outputs(file)
    with pytest.raises(InputError, match="no file"):
        read_outputs(tmp_path / "none.jsonl")


@given(st.text(max_size=20))
def test_an_answer_equals_itself(text):
    assert is_equal(text, f" {text}\n")
