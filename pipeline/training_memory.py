"""How much memory training takes at its peak, before anything is loaded. Pure formulas, in bytes.

What is kept for the backward pass was counted on the loop itself (saved tensors of one layer more, of one unit more of
each width) and is linear in the widths of a layer; docs/methods.md has the coefficients with their reasons.
"""

from dataclasses import asdict, dataclass
from typing import Any

from pipeline.base_models import BaseModel
from pipeline.base_shapes import adapter_parameters, kv_cache_bytes, linear_shapes
from pipeline.contracts import Method

# Four-bit NF4 with double quantisation (Dettmers et al. 2023, arXiv 2305.14314, section 3): 4 bits, and 8 bits for 64
# weights, and 32 bits for 256 of those.
NF4_BYTES = (4 + 8 / 64 + 32 / (64 * 256)) / 8
ADAM_BYTES = 8  # two moments in 32 bits
# The C library's heap keeps what was freed between saved tensors: measured 1.73 to 1.80 times on Linux with batches of
# 8 and 27 rows of 141 tokens, 1.15 with 4 rows. A GPU's allocator has no such loss to speak of.
HEAP = 1.75
PROCESS_BYTES = 650e6  # Python with torch, transformers and peft, measured on Linux; of the host, not of a GPU


@dataclass(frozen=True)
class Load:
    """What is trained at once, and how."""

    method: Method
    rank: int
    micro_tokens: int  # padded tokens of one micro-batch
    row_tokens: int  # of one row in it
    answer_tokens: int  # in it: where the distribution over the vocabulary is computed
    prefix_tokens: int = 0  # shared prompt tokens before every row
    is_checkpointed: bool = False  # activations are computed again in the backward pass
    device: str = "cpu"

    @property
    def half(self) -> bool:
        """Whether sums run in 16 bits."""
        return self.device == "cuda"


@dataclass(frozen=True)
class Memory:
    """Parts of the peak [bytes]."""

    weights: float
    adapters: float
    gradients: float
    optimizer: float
    activations: float
    vocabulary: float
    process: float

    @property
    def total(self) -> float:
        """All of it [bytes]."""
        return float(sum(asdict(self).values()))

    def as_json(self) -> dict[str, Any]:
        """In GB of 1e9 bytes, rounded to ten megabytes."""
        return {f"{name}_gb": round(value / 1e9, 2) for name, value in asdict(self).items()}


def training_memory(base: BaseModel, load: Load) -> Memory:
    """The peak of training this base [bytes]."""
    trained, heap = _trained(base, load), 1.0 if load.device == "cuda" else HEAP
    return Memory(
        weights=weight_bytes(base, load),
        adapters=0.0 if load.method == "full" else 4.0 * trained,
        gradients=4.0 * trained,
        optimizer=float(ADAM_BYTES * trained),
        activations=heap * activation_bytes(base, load),
        vocabulary=heap * vocabulary_bytes(base, load),
        process=0.0 if load.device == "cuda" else PROCESS_BYTES,
    )


def weight_bytes(base: BaseModel, load: Load) -> float:
    """The base's own weights [bytes]: 32 bits where they learn or on a CPU, else 16, else 4 in the layers.

    >>> from pipeline.base_models import find_base
    >>> eight = find_base("llama-3.1-8b-instruct")
    >>> [round(weight_bytes(eight, Load(m, 16, 1, 1, 1, device="cuda")) / 1e9, 2) for m in ("full", "lora", "qlora")]
    [48.18, 16.06, 5.7]
    """
    total = base.parameters + base.beside_parameters
    in_layers = base.layers * sum(inner * outer for inner, outer in linear_shapes(base).values())
    if load.method == "qlora":
        return NF4_BYTES * in_layers + 2.0 * (total - in_layers)
    if load.method == "full" and load.half:
        return 4.0 * total + 2.0 * total  # autocast keeps a copy of each weight in 16 bits
    return (2.0 if load.half else 4.0) * total


def activation_bytes(base: BaseModel, load: Load) -> float:
    """What the backward pass needs of the forward pass, and what it works in [bytes]."""
    width = 2 if load.half else 4
    layer = _layer_bytes_per_token(base, load)
    working = width * (3 * base.intermediate + 4 * base.hidden)
    if load.is_checkpointed:
        return load.micro_tokens * (base.layers * base.hidden * width + layer + working)
    prefix = load.prefix_tokens * base.layers * layer
    return load.micro_tokens * (base.layers * layer + working) + prefix


def _layer_bytes_per_token(base: BaseModel, load: Load) -> float:
    """Saved for the backward pass of one layer [bytes / token]."""
    width = 2 if load.half else 4
    queries, keys = base.heads * base.head_size, base.kv_heads * base.head_size
    stream = (18 if load.half else 16) * base.hidden  # the residual stream in 32 bits, and the inputs of the adapters
    stream += 4 * base.hidden * (base.norms_per_layer - 2) + (8 * base.hidden if load.method == "full" else 0)
    feed = 4 * width * base.intermediate  # gate, its activation, up, their product
    rank = 0 if load.method == "full" else (18 if load.half else 28) * load.rank
    normalised = 4 * (queries + keys) if base.qk_norm else 0
    return stream + feed + rank + normalised + width * _attention_values(load, queries, keys)


def _attention_values(load: Load, queries: int, keys: int) -> float:
    """Queries, keys, values, and the sums over them [values / token].

    Behind a shared prefix a mask is needed: keys and values are then repeated for every head, and the mask is kept.
    """
    own = (3 if load.half else 2) * queries
    if load.prefix_tokens and not load.is_checkpointed:
        longer = 1 + load.prefix_tokens / max(1, load.row_tokens)
        return own + 2 * queries * longer + keys + load.row_tokens + load.prefix_tokens
    return own + 2 * keys


def vocabulary_bytes(base: BaseModel, load: Load) -> float:
    """The distribution over the vocabulary at answer tokens, its logarithm and its gradient [bytes]."""
    return load.answer_tokens * base.vocabulary * (10.0 if load.half else 8.0)


def serving_bytes(base: BaseModel, tokens: int, rows: int, bytes_per_weight: float = 2.0) -> float:
    """Weights and the cache of keys and values of ``rows`` requests of ``tokens`` each [bytes].

    >>> from pipeline.base_models import find_base
    >>> round(serving_bytes(find_base("llama-3.1-8b-instruct"), 2048, 8) / 1e9, 2)
    18.21
    """
    return bytes_per_weight * base.parameters + kv_cache_bytes(base, tokens, rows)


def _trained(base: BaseModel, load: Load) -> int:
    return base.parameters if load.method == "full" else adapter_parameters(base, load.rank)
