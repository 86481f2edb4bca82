"""``features``: the hidden states of a local teacher, beside its answers.

    L = (1 - w) x CE(answer) + w x mean over matched layers of (1 - cos(P h_student, h_teacher))

Layers are matched by their relative depth (Jiao et al. 2020, arXiv 1909.10351); P is a learned projection for each,
since the two are rarely of one width. The projections are gone once training ends. The cosine is free of scale, so
the two losses stay comparable whatever the teacher's states look like.
"""

from typing import Any

from analytics.errors import InputError
from pipeline.contracts import Training
from pipeline.objectives import Chats, sequence
from pipeline.objectives.parts.local import local_teacher, require_same_vocabulary
from pipeline.students import Lessons
from pipeline.students.neural.examples import Corpus
from pipeline.students.neural.forward import Batch, cross_entropy, parts_of, predict

PROJECTIONS = "feature_projections"
MATCHED = 4  # layers, evenly spaced, the last among them


def corpus(lessons: Lessons, chats: Chats, training: Training) -> Corpus:
    """The teacher's answers as targets. Raises InputError without a local teacher: an API shows no states."""
    if not training.teacher_base:
        raise InputError("objective features compares hidden states: name a local teacher with --teacher-base")
    return sequence.corpus(lessons, chats, training)


def attach(model: Any, training: Training) -> None:
    """Give the network its projections, one for each matched layer, as parameters that learn."""
    import torch

    device = next(model.parameters()).device
    teacher = local_teacher(str(training.teacher_base), str(device))
    require_same_vocabulary(parts_of(model)[1].weight.shape[0], parts_of(teacher)[1].weight.shape[0])
    layers = [_projection(_config(model).hidden_size, _config(teacher).hidden_size) for _ in _matched(model, teacher)]
    model.add_module(PROJECTIONS, torch.nn.ModuleList(layers).to(device))


def detach(model: Any) -> None:
    """Take them off: a student does not need them."""
    delattr(model, PROJECTIONS)


def loss(model: Any, batch: Batch, training: Training) -> Any:
    """Cross-entropy and distance of the states, weighed."""
    import torch

    teacher = local_teacher(str(training.teacher_base), str(batch.ids.device))
    made = predict(model, batch, with_layers=True)
    with torch.no_grad():
        theirs = predict(teacher, batch, with_layers=True).layers
    matched = zip(_matched(model, teacher), getattr(model, PROJECTIONS), strict=True)
    distances = [cosine_distance(project(made.layers[own]), theirs[other]) for (own, other), project in matched]
    apart = (torch.stack(distances).mean(0) * batch.weights).sum()
    return (1 - training.objective_weight) * cross_entropy(made.logits, batch) + training.objective_weight * apart


def cosine_distance(one: Any, other: Any) -> Any:
    """1 - cos of rows [rows]: 0 for the same direction, 2 for the opposite one."""
    import torch.nn.functional as functional

    return 1 - functional.cosine_similarity(one.float(), other.float(), dim=-1)


def matched_layers(own: int, other: int) -> list[tuple[int, int]]:
    """(student's, teacher's) layer, 0 being the embedding: the same relative depth, the last with the last.

    >>> matched_layers(4, 8), matched_layers(30, 30)
    ([(1, 2), (2, 4), (3, 6), (4, 8)], [(8, 8), (15, 15), (22, 22), (30, 30)])
    """
    count = min(MATCHED, own)
    mine = [max(1, round(own * step / count)) for step in range(1, count + 1)]
    return [(layer, max(1, round(layer * other / own))) for layer in mine]


def _matched(model: Any, teacher: Any) -> list[tuple[int, int]]:
    return matched_layers(_config(model).num_hidden_layers, _config(teacher).num_hidden_layers)


def _config(model: Any) -> Any:
    return parts_of(model)[0].config


def _projection(width: int, wanted: int) -> Any:
    """A projection that begins as the identity, or as directions at right angles where widths differ."""
    import torch

    layer = torch.nn.Linear(width, wanted, bias=False)
    with torch.no_grad():
        torch.nn.init.eye_(layer.weight) if width == wanted else torch.nn.init.orthogonal_(layer.weight)
    return layer
