"""Distances between what a teacher and a student think comes next. Natural logarithms; sums over the last axis."""

from typing import Any


def forward_kl(teacher: Any, student: Any) -> Any:
    """KL(teacher || student) = sum p (log p - log q), of log-probabilities [nats].

    Covers all that the teacher would say (Hinton et al. 2015).
    """
    return (teacher.exp() * (teacher - student)).masked_fill(teacher.exp() == 0, 0.0).sum(dim=-1)


def reverse_kl(teacher: Any, student: Any) -> Any:
    """KL(student || teacher) [nats]: keeps to what the teacher thinks likeliest (Gu et al. 2023)."""
    return forward_kl(student, teacher)


def generalised_jsd(teacher: Any, student: Any, beta: float) -> Any:
    """beta KL(teacher || m) + (1 - beta) KL(student || m), m = beta teacher + (1 - beta) student (Agarwal et al. 2023).

    beta 0 and 1 are the limits that are in use: forward and reverse KL.
    """
    import torch

    if beta == 0:
        return forward_kl(teacher, student)
    if beta == 1:
        return reverse_kl(teacher, student)
    log = torch.log(torch.tensor([beta, 1 - beta], device=teacher.device, dtype=teacher.dtype))
    middle = torch.logsumexp(torch.stack((teacher + log[0], student + log[1])), dim=0)
    return beta * forward_kl(teacher, middle) + (1 - beta) * forward_kl(student, middle)


def with_rest(logprobs: Any, rest: Any) -> Any:
    """Known log-probabilities with one more entry for all that is not listed, so that both sides sum to one.

    logprobs: [..., k]; rest: [...], the log-probability of everything else
    """
    import torch

    return torch.cat((logprobs, rest.unsqueeze(-1)), dim=-1)


def log_rest(logprobs: Any) -> Any:
    """log(1 - sum of probabilities), never below 1e-8: the mass that a list of k likeliest tokens leaves out."""
    import torch

    listed = logprobs.exp().sum(dim=-1).clamp(max=1.0)
    return torch.log((1 - listed).clamp(min=1e-8))
