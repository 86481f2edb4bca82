"""Each distance against numbers worked out by hand, its limits, and its gradient."""

import math

import pytest
import torch

from pipeline.objectives.parts.divergences import forward_kl, generalised_jsd, log_rest, reverse_kl, with_rest

P = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64).log()
Q = torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64).log()
FORWARD = 0.5 * math.log(0.5 / 0.2) + 0.2 * math.log(0.2 / 0.5)


def test_forward_kl_is_the_sum_by_hand():
    assert forward_kl(P, Q).item() == pytest.approx(FORWARD, abs=1e-12)


def test_reverse_kl_swaps_the_sides():
    assert reverse_kl(P, Q).item() == pytest.approx(forward_kl(Q, P).item(), abs=1e-12)


def test_jensen_shannon_at_one_half_is_the_textbook_value():
    p, q = P.exp(), Q.exp()
    middle = (p + q) / 2
    expected = 0.5 * (p * (p / middle).log()).sum() + 0.5 * (q * (q / middle).log()).sum()
    assert generalised_jsd(P, Q, 0.5).item() == pytest.approx(expected.item(), abs=1e-12)


@pytest.mark.parametrize(("beta", "limit"), [(1e-6, 0.0), (1 - 1e-6, 1.0)])
def test_near_its_ends_the_generalised_divergence_tends_to_either_kl(beta, limit):
    scaled = generalised_jsd(P, Q, beta) / (beta if limit == 0 else 1 - beta)
    assert scaled.item() == pytest.approx(generalised_jsd(P, Q, limit).item(), rel=1e-3)


@pytest.mark.parametrize("beta", [0.0, 0.3, 0.5, 0.9, 1.0])
def test_equal_distributions_are_no_distance_apart(beta):
    assert generalised_jsd(P, P, beta).item() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("beta", [0.0, 0.5, 1.0])
def test_gradients_are_those_of_the_formula(beta):
    raw = torch.randn(4, 5, dtype=torch.float64, requires_grad=True)
    teacher = torch.log_softmax(torch.randn(4, 5, dtype=torch.float64), dim=-1)
    assert torch.autograd.gradcheck(lambda one: generalised_jsd(teacher, torch.log_softmax(one, dim=-1), beta), raw)


def test_a_listed_part_and_its_rest_sum_to_one():
    listed = torch.tensor([[0.6, 0.3]], dtype=torch.float64).log()
    whole = with_rest(listed, log_rest(listed))
    assert whole.exp().sum().item() == pytest.approx(1)
    assert whole[0, -1].exp().item() == pytest.approx(0.1)


def test_a_listed_zero_costs_nothing_and_is_no_number_trap():
    teacher = torch.tensor([0.0, -math.inf], dtype=torch.float64)
    student = torch.tensor([0.5, 0.5], dtype=torch.float64).log()
    assert forward_kl(teacher, student).item() == pytest.approx(math.log(2))
