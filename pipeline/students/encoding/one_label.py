"""One label of a closed set: a tuned encoder beside a head that reads n-grams and frozen features.

The classifier is a cosine to one vector a label, which starts at the mean of the label's lessons: a nearest-centroid
classifier before the first step (Snell et al. 2017, arXiv 1703.05175), so few lessons are enough to begin with.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from analytics.embed import FloatMatrix
from pipeline.students import Lessons, Setup
from pipeline.students.encoding.net import HEADS, Encoder, new_encoder, pool
from pipeline.students.encoding.tuning import Seen, tune

NAME = "label"
SHARPNESS = 20.0  # of the cosine
START_LENGTH = 0.1  # of a label's vector: shorter vectors turn faster, ten times the body's rate


def fit_label_net(lessons: Lessons, setup: Setup) -> tuple[Encoder, list[str]]:
    """The tuned encoder, and its labels in the order of its scores."""
    labels = sorted(set(lessons.answers))
    place = {label: number for number, label in enumerate(labels)}
    targets = [place[answer] for answer in lessons.answers]
    encoder = new_encoder(setup.base, setup.training, setup.seed)
    encoder.net[HEADS][NAME] = _at_the_means(encoder, lessons.inputs, targets, len(labels))
    return tune(encoder, lessons.inputs, targets, _loss, setup), labels


def log_shares(encoder: Encoder, texts: Sequence[str]) -> FloatMatrix:
    """log P(label) under the network alone [texts, labels]."""
    import torch

    width = encoder.net[HEADS][NAME].weight.shape[0]
    found = np.zeros((len(texts), width), dtype=np.float32)
    for places, states, mask in encoder.states(texts):
        scores = _scores(encoder.net[HEADS], pool(states, mask))
        found[places] = torch.log_softmax(scores, dim=1).cpu().numpy()
    return found


def _scores(heads: Any, pooled: Any) -> Any:
    import torch.nn.functional as functional

    return SHARPNESS * functional.normalize(pooled, dim=1) @ functional.normalize(heads[NAME].weight, dim=1).T


def _loss(heads: Any, seen: Seen, targets: Sequence[int]) -> Any:
    """-log P(label), one a text [nats]."""
    import torch
    import torch.nn.functional as functional

    wanted = torch.tensor(targets, device=seen.states.device)
    return functional.cross_entropy(_scores(heads, pool(seen.states, seen.mask)), wanted, reduction="none")


def _at_the_means(encoder: Encoder, texts: Sequence[str], targets: Sequence[int], count: int) -> Any:
    """A layer whose row of each label is the direction of its lessons' mean."""
    import torch
    import torch.nn.functional as functional

    encoder.net.eval()
    sums = torch.zeros((count, encoder.width))
    for places, states, mask in encoder.states(texts):
        vectors = functional.normalize(pool(states, mask), dim=1).cpu()
        sums.index_add_(0, torch.tensor([targets[place] for place in places]), vectors)
    layer = torch.nn.Linear(encoder.width, count, bias=False)
    with torch.no_grad():
        layer.weight.copy_(START_LENGTH * functional.normalize(sums, dim=1))
    return layer
