"""Two thousand random requests against what LiteLLM and genai-prices calculate themselves; each difference has a reason."""

import importlib.util

import pytest

pytest.importorskip("genai_prices")
if importlib.util.find_spec("litellm") is None:
    pytest.skip("litellm is not installed", allow_module_level=True)

from benchmarks import prices, prices_genai
from benchmarks.prices import against_litellm
from benchmarks.prices_genai import against_genai


@pytest.mark.parametrize(("compare", "agreeing"), [(against_litellm, 0.75), (against_genai, 0.95)])
def test_every_disagreement_with_another_calculation_has_a_checked_reason(compare, agreeing):
    found = compare(2_000, 11)
    assert found.usages == 2_000
    assert found.models >= 200
    assert found.unexplained == []
    assert found.agree + sum(found.reasons.values()) == 2_000
    assert found.agree >= agreeing * 2_000


@pytest.mark.parametrize(("module", "compare"), [(prices, against_litellm), (prices_genai, against_genai)])
def test_a_wrong_cost_of_ours_is_never_explained(monkeypatch, module, compare):
    right = module.sql_costs
    monkeypatch.setattr(module, "sql_costs", lambda *given: [cost * 2 for cost in right(*given)])
    found = compare(60, 1)
    assert len(found.unexplained) + found.reasons[prices.NO_ANSWER] > 50
