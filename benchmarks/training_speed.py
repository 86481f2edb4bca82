"""Useful tokens a second: our loop beside transformers' Trainer with PEFT, or beside TRL's SFTTrainer, on the same data.

    python -m benchmarks.training_speed --pairs FILE --input COLUMN --output COLUMN     # SmolLM2-135M against Trainer
    python -m benchmarks.training_speed --against trl --shape 8b                        # a GPU, random weights

Useful tokens are those of prompts and answers, padding left out, a shared prompt counted for every example. Both sides
get the same examples, batch size, peak learning rate and adapters. Order of examples, schedule and micro-batches are
each side's own. Prints one JSON line a side, with the mean loss over the same examples after training, then the ratio.
"""

import argparse
import gc
import json
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.base_models import find_base
from pipeline.contracts import Training
from pipeline.students.neural import chat, examples, forward, loop, weights
from pipeline.students.neural.examples import Example, Ids

RANK, RATE, PIECE = 16, 2e-4, 8  # PIECE: examples that Trainer takes at once, its default
SHAPES = {  # of Qwen3
    "0.6b": {
        "hidden_size": 1024, "intermediate_size": 3072, "num_hidden_layers": 28, "num_attention_heads": 16,
        "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151936, "tie_word_embeddings": True,
    },
    "8b": {
        "hidden_size": 4096, "intermediate_size": 12288, "num_hidden_layers": 36, "num_attention_heads": 32,
        "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151936, "tie_word_embeddings": False,
    },
}  # fmt: skip
PEAK_FLOPS = 989e12  # H100 SXM, dense bf16, NVIDIA's data sheet


@dataclass(frozen=True)
class Work:
    """What both sides train on."""

    prefix: Ids  # constant prompt tokens before every input
    pairs: list[Example]
    steps: int
    batch: int
    token_budget: int
    device: str

    @property
    def precision(self) -> str:
        return "bfloat16" if self.device == "cuda" else "float32"


def made_up(count: int, shared: int) -> tuple[Ids, list[Example]]:
    """Random token ids with log-normal lengths, as in production logs."""
    dice = random.Random(5)

    def some(median: int) -> Ids:
        length = max(8, min(1500, int(dice.lognormvariate(0, 0.7) * median)))
        return [dice.randrange(1000, 150_000) for _ in range(length)]

    return [dice.randrange(1000, 150_000) for _ in range(shared)], [Example(some(180), some(60)) for _ in range(count)]


def from_file(chosen: argparse.Namespace) -> tuple[Ids, list[Example]]:
    """The first rows of a file of pairs, through the base's own template."""
    from pipeline.tabular import column_text, read_rows

    made = chat.make_chat(weights.read_tokenizer(find_base(None)))
    found = []
    for number, row in enumerate(read_rows(chosen.pairs), 1):
        text, answer = (column_text(row, name, f"row {number}") or "" for name in (chosen.input, chosen.output))
        found.append(Example(made.rest(text), made.answer(answer)))
        if number == chosen.steps * chosen.batch:
            break
    return made.prefix, found


def student(shape: str, device: str) -> Any:
    """A network of that shape with adapters, the same each time."""
    import torch

    base = find_base(None)
    if shape == "smollm2":
        return weights.add_adapters(weights.read_weights(base).to(device), base, Training(), RANK, 1)
    from transformers import AutoModelForCausalLM, Qwen3Config

    torch.manual_seed(0)
    with torch.device(device):
        dtype = torch.bfloat16 if device == "cuda" else torch.float32
        model = AutoModelForCausalLM.from_config(
            Qwen3Config(max_position_embeddings=8192, **SHAPES[shape]), dtype=dtype
        )
    return weights.add_adapters(model, base, Training(), RANK, 1)


def answer_loss(model: Any, batch: forward.Batch) -> Any:
    return forward.cross_entropy(forward.predict(model, batch).logits, batch)


def ours(model: Any, work: Work) -> None:
    corpus = examples.Corpus(work.pairs, [work.prefix])
    options = loop.Options(work.steps, work.batch, RATE, 1, work.token_budget, precision=work.precision)
    loop.train(model, corpus, answer_loss, options)


def pad(rows: Sequence[dict[str, Ids]]) -> dict[str, Any]:
    """Rows padded on the right to the longest."""
    import torch

    width = max(len(row["input_ids"]) for row in rows)
    fill = {"input_ids": 0, "labels": -100, "attention_mask": 0}
    return {
        name: torch.tensor([row[name] + [none] * (width - len(row[name])) for row in rows])
        for name, none in fill.items()
    }


def settings(work: Work, folder: str) -> dict[str, Any]:
    return {
        "output_dir": folder, "per_device_train_batch_size": PIECE, "gradient_accumulation_steps": work.batch // PIECE,
        "max_steps": work.steps, "learning_rate": RATE, "report_to": [], "save_strategy": "no", "seed": 1,
        "logging_strategy": "no", "disable_tqdm": True, "use_cpu": work.device == "cpu",
    }  # fmt: skip


def trainer(model: Any, work: Work) -> None:
    from transformers import Trainer, TrainingArguments

    rows = []
    for one in work.pairs:
        prompt = work.prefix + one.rest
        ids = prompt + one.answer
        rows.append({"input_ids": ids, "labels": [-100] * len(prompt) + one.answer, "attention_mask": [1] * len(ids)})
    with tempfile.TemporaryDirectory() as folder:
        Trainer(
            model=model, args=TrainingArguments(**settings(work, folder)), train_dataset=rows, data_collator=pad
        ).train()


def trl(model: Any, work: Work) -> None:
    from datasets import Dataset
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast
    from trl import SFTConfig, SFTTrainer

    rows = []
    for one in work.pairs:
        prompt = work.prefix + one.rest
        mask = [0] * len(prompt) + [1] * len(one.answer)
        rows.append({"input_ids": prompt + one.answer, "completion_mask": mask})
    # The trainer asks for a tokenizer; the rows are tokens already, so any will do.
    words = Tokenizer(models.WordLevel({"<e>": 0, "<p>": 1}, unk_token="<e>"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, eos_token="<e>", pad_token="<p>")
    with tempfile.TemporaryDirectory() as folder:
        config = SFTConfig(**settings(work, folder), bf16=work.device == "cuda", max_length=4096)
        SFTTrainer(model=model, args=config, train_dataset=Dataset.from_list(rows), processing_class=tokenizer).train()


SIDES = {"ours": ours, "trainer": trainer, "trl": trl}


def loss_after(model: Any, work: Work) -> float:
    """Mean over all answer tokens [nats]."""
    import torch

    corpus, total = examples.Corpus(work.pairs, [work.prefix]), 0.0
    share = 1 / sum(len(one.answer) for one in work.pairs)
    model.eval()
    for piece in examples.micro_batches(corpus, range(len(work.pairs)), work.token_budget):
        some = [work.pairs[place] for place in piece]
        with torch.no_grad(), torch.autocast(work.device, torch.bfloat16, enabled=work.device == "cuda"):
            total += float(answer_loss(model, forward.collate(some, work.prefix, [share] * len(some), work.device)))
    return total


def measure(side: str, shape: str, work: Work) -> dict[str, float | None]:
    import torch

    model = student(shape, work.device)
    count = sum(parameter.numel() for parameter in model.get_base_model().parameters())
    SIDES[side](
        student(shape, work.device), Work(work.prefix, work.pairs, 1, work.batch, work.token_budget, work.device)
    )
    began = time.perf_counter()
    SIDES[side](model, work)
    if work.device == "cuda":
        torch.cuda.synchronize()
    seconds = time.perf_counter() - began
    speed = sum(len(work.prefix) + one.tokens for one in work.pairs) / seconds
    on_gpu = work.device == "cuda"
    found = {
        "useful_tokens_per_s": speed,
        "seconds": seconds,
        "loss_after": loss_after(model, work),
        # LoRA: 2 N floating-point operations a token forward, 2 N back to the activations.
        "share_of_peak": speed * 4 * count / PEAK_FLOPS if on_gpu else None,
        "peak_memory_gb": torch.cuda.max_memory_allocated() / 1e9 if on_gpu else None,
    }
    del model
    gc.collect()
    if on_gpu:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", choices=["trainer", "trl"], default="trainer")
    parser.add_argument("--shape", choices=["smollm2", *SHAPES], default="smollm2")
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--batch", type=int, default=32, help=f"a multiple of {PIECE}")
    parser.add_argument("--shared", type=int, default=0, help="constant prompt tokens before every made-up input")
    parser.add_argument("--token-budget", type=int, default=4096)
    parser.add_argument("--pairs", help="JSONL, CSV or Parquet; without it inputs and answers are random tokens")
    parser.add_argument("--input", default="input")
    parser.add_argument("--output", default="output")
    chosen = parser.parse_args()
    if chosen.shape == "smollm2" and not chosen.pairs:
        parser.error("--shape smollm2 needs --pairs FILE")
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    prefix, pairs = from_file(chosen) if chosen.pairs else made_up(chosen.steps * chosen.batch, chosen.shared)
    work = Work(prefix, pairs, chosen.steps, chosen.batch, chosen.token_budget, device)
    found = {}
    for side in ("ours", chosen.against):
        found[side] = measure(side, chosen.shape, work)
        print(json.dumps({side: found[side]}), flush=True)
    speeds = [float(one["useful_tokens_per_s"] or 0) for one in found.values()]
    print(json.dumps({"shape": chosen.shape, "shared": len(prefix), "ratio": speeds[0] / speeds[1]}))


if __name__ == "__main__":
    main()
