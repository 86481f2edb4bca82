"""One pass of a decoder over a batch, with the shared prefix read once and the vocabulary only where it counts.

Two savings, both exact. Every example begins with the same prompt tokens: they are read as a batch of one, and
their keys and values are shared by all rows, through which gradients flow back as usual. And the loss needs the
distribution over the vocabulary at answer tokens only, so the last and widest layer is applied there alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.students.neural.examples import Example, Ids


@dataclass(frozen=True)
class Batch:
    """Token ids of some examples of one prefix, padded on the right."""

    prefix: Any  # [1, P]
    ids: Any  # [rows, T] int64, padded
    rows: Any  # [answer tokens] row of each answer token
    at: Any  # [answer tokens] place in the row from which it is predicted; -1: from the prefix's last token
    targets: Any  # [answer tokens] its id
    weights: Any  # [answer tokens] share of the step's loss
    examples: Sequence[Example]


@dataclass(frozen=True)
class Predicted:
    """What the network made of a batch, at answer tokens."""

    logits: Any  # [answer tokens, vocabulary]
    hidden: Any  # [answer tokens, width] of the last layer
    layers: tuple[Any, ...] = ()  # hidden states of every layer at answer tokens, where asked for


def collate(examples: Sequence[Example], prefix: Ids, weights: Sequence[float], device: Any) -> Batch:
    """Tensors of the examples; ``weights`` is by example, for each of its answer tokens."""
    import torch

    width = max(one.tokens for one in examples) - 1  # the last token predicts nothing
    ids = torch.zeros((len(examples), max(width, 1)), dtype=torch.int64)
    rows: Ids = []
    at: Ids = []
    targets: Ids = []
    shares: list[float] = []
    for row, (one, weight) in enumerate(zip(examples, weights, strict=True)):
        whole = one.rest + one.answer
        ids[row, : len(whole) - 1] = torch.tensor(whole[:-1], dtype=torch.int64)
        start = len(one.rest) - 1
        rows += [row] * len(one.answer)
        at += range(start, start + len(one.answer))
        targets += one.answer
        shares += [weight] * len(one.answer)
    columns: Any = [torch.tensor(column, dtype=torch.int64, device=device) for column in (rows, at, targets)]
    share = torch.tensor(shares, dtype=torch.float32, device=device)
    row_of, place_of, target = columns
    return Batch(torch.tensor([prefix], device=device), ids.to(device), row_of, place_of, target, share, examples)


def predict(model: Any, batch: Batch, with_layers: bool = False) -> Predicted:
    """Run the decoder. ``model`` is a causal language model of transformers, with or without adapters."""
    decoder, head = parts_of(model)
    past, shared = _read_prefix(decoder, batch) if batch.prefix.shape[1] else (None, None)
    out = decoder(
        input_ids=batch.ids, past_key_values=past, use_cache=past is not None, output_hidden_states=with_layers
    )
    hidden = _at(out.last_hidden_state, shared.last_hidden_state if shared is not None else None, batch)
    layers = tuple(_at(layer, None, batch) for layer in out.hidden_states or ()) if with_layers else ()
    return Predicted(head(hidden), hidden, layers)


def parts_of(model: Any) -> tuple[Any, Any]:
    """The decoder stack and the layer that gives the vocabulary, whatever wraps them."""
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    return inner.base_model, inner.get_output_embeddings()


def _read_prefix(decoder: Any, batch: Batch) -> tuple[Any, Any]:
    """The prefix's keys and values, once for every row."""
    from transformers import DynamicCache

    past = DynamicCache(config=decoder.config)
    shared = decoder(input_ids=batch.prefix, past_key_values=past, use_cache=True)
    if len(batch.ids) > 1:
        past.batch_repeat_interleave(len(batch.ids))
    return past, shared


def _at(states: Any, prefix_states: Any, batch: Batch) -> Any:
    """States from which each answer token is predicted."""
    import torch

    picked = states[batch.rows, batch.at.clamp(min=0)]
    if prefix_states is None or not bool((batch.at < 0).any()):
        return picked
    return torch.where((batch.at < 0)[:, None], prefix_states[0, -1], picked)


def cross_entropy(logits: Any, batch: Batch) -> Any:
    """Sum over answer tokens of weight x -log p(token) [nats]."""
    import torch.nn.functional as functional

    losses = functional.cross_entropy(logits.float(), batch.targets, reduction="none")
    return (losses * batch.weights).sum()
