"""What the shape of a decoder implies: weights, work and memory. Pure formulas.

Sources: counting the matrices of transformers' own classes; FLOPs of forward and backward after Kaplan et al. 2020
(arXiv 2001.08361, section 2.1) with the attention term added; the cache of keys and values after Pope et al. 2022
(arXiv 2211.05102).
"""

from pipeline.base_models import BaseModel

LINEAR = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


def parameters(base: BaseModel) -> int:
    """Weights of the text decoder [parameters]: embeddings, attention, gated feed-forward and norms.

    >>> from pipeline.base_models import find_base
    >>> parameters(find_base("smollm2-135m-instruct")), parameters(find_base("llama-3.1-8b-instruct"))
    (134515008, 8030261248)
    """
    embeddings = (1 if base.tied_embeddings else 2) * base.vocabulary * base.hidden
    return base.layers * layer_parameters(base) + embeddings + base.hidden


def layer_parameters(base: BaseModel) -> int:
    """Weights of one layer [parameters]."""
    matrices = sum(inner * outer for inner, outer in linear_shapes(base).values())
    bias = base.head_size * (base.heads + 2 * base.kv_heads) if base.qkv_bias else 0
    return matrices + bias + (2 * base.head_size if base.qk_norm else 0) + base.norms_per_layer * base.hidden


def linear_shapes(base: BaseModel) -> dict[str, tuple[int, int]]:
    """Width in and width out of the matrices of one layer, by name."""
    queries, keys = base.heads * base.head_size, base.kv_heads * base.head_size
    up = (base.hidden, base.intermediate)
    shapes = [(base.hidden, queries), (base.hidden, keys), (base.hidden, keys), (queries, base.hidden)]
    return dict(zip(LINEAR, [*shapes, up, up, up[::-1]], strict=True))


def adapter_parameters(base: BaseModel, rank: int) -> int:
    """Weights of low-rank adapters on the base's targets [parameters]: rank x (width in + width out) each.

    Hu et al. 2021 (arXiv 2106.09685).

    >>> from pipeline.base_models import find_base
    >>> adapter_parameters(find_base("smollm2-135m-instruct"), 16)
    4884480
    """
    shapes = linear_shapes(base)
    targets = [name for name in base.lora_targets if name in shapes] or list(shapes)
    return base.layers * rank * sum(sum(shapes[name]) for name in targets)


def full_layers(base: BaseModel) -> int:
    """Layers that look at everything; the others look back over a window [layers]."""
    return base.layers // base.full_attention_every if base.sliding_window else base.layers


def kv_bytes_per_token(base: BaseModel, bytes_per_value: int = 2) -> int:
    """Keys and values of one token in every layer [bytes / token].

    >>> from pipeline.base_models import find_base
    >>> kv_bytes_per_token(find_base("llama-3.1-8b-instruct"))
    131072
    """
    return 2 * base.layers * base.kv_heads * base.head_size * bytes_per_value


def kv_cache_bytes(base: BaseModel, tokens: int, rows: int = 1, bytes_per_value: int = 2) -> int:
    """The whole cache [bytes] of ``rows`` sequences of ``tokens``; layers with a window keep no more than it."""
    one = 2 * base.kv_heads * base.head_size * bytes_per_value
    windowed = base.layers - full_layers(base)
    kept = full_layers(base) * tokens + windowed * min(tokens, base.sliding_window or tokens)
    return rows * one * kept


def forward_flops(base: BaseModel, context_tokens: float) -> float:
    """Multiplications and additions to read one token that looks back over ``context_tokens`` [FLOP / token].

    2 for each weight of the layers, and 4 x heads x head size x context for each layer's scores and sums. The
    vocabulary is counted apart (``vocabulary_flops``): it is applied at answer tokens only.
    """
    matrices = base.layers * sum(inner * outer for inner, outer in linear_shapes(base).values())
    full = full_layers(base)
    seen = full * context_tokens + (base.layers - full) * min(context_tokens, base.sliding_window or context_tokens)
    return 2.0 * matrices + 4.0 * base.heads * base.head_size * seen


def vocabulary_flops(base: BaseModel) -> float:
    """The distribution over the vocabulary at one token [FLOP / token]."""
    return 2.0 * base.vocabulary * base.hidden
