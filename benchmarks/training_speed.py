# ruff: noqa: ANN001, ANN201, ANN202, ANN204
"""Useful tokens a second: our loop beside transformers' Trainer with PEFT, or beside TRL's SFTTrainer, on the same data.

    python -m benchmarks.training_speed --against trainer            # SmolLM2-135M, two cores, restaurant8k
    python -m benchmarks.training_speed --against trl --shape 8b     # a GPU; random weights of that shape

Useful tokens are those of prompts and answers, padding left out, a shared prompt counted for every example: what a
person would say was trained on. Both sides see the same examples in batches of the same size, with the same adapters,
and both report their mean loss over the same examples afterwards.
"""

import argparse
import json
import random
import time

RANK = 16
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
SHAPES = {
    "0.6b": {
        "hidden_size": 1024,
        "intermediate_size": 3072,
        "num_hidden_layers": 28,
        "num_attention_heads": 16,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "vocab_size": 151936,
        "tie_word_embeddings": True,
    },
    "8b": {
        "hidden_size": 4096,
        "intermediate_size": 12288,
        "num_hidden_layers": 36,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "vocab_size": 151936,
        "tie_word_embeddings": False,
    },
}
PEAK_FLOPS = 989e12  # H100 SXM, dense bf16, NVIDIA's data sheet


def made_up(count, shared, seed=5):
    """(prompt, answer) token ids: log-normal lengths as in production logs, after ``shared`` constant tokens."""
    dice = random.Random(seed)
    prefix = [dice.randrange(1000, 150_000) for _ in range(shared)]

    def some(median):
        return [
            dice.randrange(1000, 150_000) for _ in range(max(8, min(1500, int(dice.lognormvariate(0, 0.7) * median))))
        ]

    return prefix, [(some(180), some(60)) for _ in range(count)]


def shape_model(name, device):
    import torch
    from transformers import AutoModelForCausalLM, Qwen3Config

    torch.manual_seed(0)
    config = Qwen3Config(max_position_embeddings=8192, **SHAPES[name])
    with torch.device(device):
        return AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)


def ours(model, prefix, pairs, steps, batch, budget, precision, checkpointing):
    from pipeline.students.neural import examples, forward, loop

    if checkpointing:
        model.gradient_checkpointing_enable()
    corpus = examples.Corpus([examples.Example(prompt, answer) for prompt, answer in pairs], [prefix])

    def loss(net, piece):
        return forward.cross_entropy(forward.predict(net, piece).logits, piece)

    options = loop.Options(steps, batch, 2e-4, 1, budget, precision=precision)
    warm = loop.Options(2, batch, 1e-9, 1, budget, precision=precision)
    loop.train(model, corpus, loss, warm)
    seen = [place for step in examples.batches_of(corpus, batch, 1, 0)[:steps] for place in step]
    useful = sum(corpus.examples[place].tokens + len(prefix) for place in seen)
    began = time.perf_counter()
    done = loop.train(model, corpus, loss, options)
    seconds = time.perf_counter() - began
    return {"tokens_per_s": useful / seconds, "seconds": seconds, "loss": done.loss, "useful_tokens": useful}


def trainer(model, prefix, pairs, steps, batch, use_trl, precision):
    import torch
    from datasets import Dataset
    from transformers import Trainer, TrainingArguments

    class Pad:
        def __call__(self, rows):
            width = max(len(row["input_ids"]) for row in rows)

            def fill(name, value):
                return torch.tensor([row[name] + [value] * (width - len(row[name])) for row in rows])

            return {
                "input_ids": fill("input_ids", 0),
                "labels": fill("labels", -100),
                "attention_mask": fill("attention_mask", 0),
            }

    rows = [
        {
            "input_ids": prefix + p + a,
            "labels": [-100] * (len(prefix) + len(p)) + a,
            "attention_mask": [1] * (len(prefix) + len(p) + len(a)),
        }
        for p, a in pairs
    ]
    shared = {
        "output_dir": "/tmp/trainer",
        "per_device_train_batch_size": min(batch, 8),
        "gradient_accumulation_steps": max(1, batch // 8),
        "max_steps": steps,
        "learning_rate": 2e-4,
        "report_to": [],
        "save_strategy": "no",
        "logging_strategy": "no",
        "disable_tqdm": True,
        "seed": 1,
    }
    if use_trl:
        from trl import SFTConfig, SFTTrainer

        kept = [
            {"input_ids": row["input_ids"], "completion_mask": [int(label != -100) for label in row["labels"]]}
            for row in rows
        ]

        class Tok:  # the trainer asks for a processing class; the rows are tokens already
            pass

        from tokenizers import Tokenizer, models
        from transformers import PreTrainedTokenizerFast

        tok = PreTrainedTokenizerFast(
            tokenizer_object=Tokenizer(models.WordLevel({"<e>": 0, "<p>": 1}, unk_token="<e>")),
            eos_token="<e>",
            pad_token="<p>",
        )
        config = SFTConfig(**shared, bf16=precision != "float32", max_length=4096)
        made = SFTTrainer(model=model, args=config, train_dataset=Dataset.from_list(kept), processing_class=tok)
    else:
        config = TrainingArguments(**shared, use_cpu=precision == "float32")
        made = Trainer(model=model, args=config, train_dataset=Dataset.from_list(rows), data_collator=Pad())
    began = time.perf_counter()
    done = made.train()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    seconds = time.perf_counter() - began
    useful = sum(len(prefix) + len(p) + len(a) for p, a in pairs) / len(pairs) * steps * batch
    return {"tokens_per_s": useful / seconds, "seconds": seconds, "loss": done.training_loss, "useful_tokens": useful}


def adapters(model):
    import peft
    import torch

    torch.manual_seed(1)
    return peft.get_peft_model(
        model, peft.LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules=TARGETS, task_type="CAUSAL_LM")
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", choices=["trainer", "trl"], default="trainer")
    parser.add_argument("--shape", choices=["smollm2", *SHAPES], default="smollm2")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--shared", type=int, default=0, help="constant prompt tokens before every input")
    parser.add_argument("--budget", type=int, default=8192)
    parser.add_argument("--checkpointing", action="store_true")
    parser.add_argument("--pairs", help="Parquet with input and output columns (smollm2)")
    chosen = parser.parse_args()
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    precision = "bfloat16" if device == "cuda" else "float32"
    prefix, pairs = made_up(chosen.steps * chosen.batch, chosen.shared)
    found = {}
    for side in ("ours", chosen.against):
        model = adapters(shape_model(chosen.shape, device))
        count = sum(p.numel() for p in model.get_base_model().parameters())
        if side == "ours":
            found[side] = ours(
                model, prefix, pairs, chosen.steps, chosen.batch, chosen.budget, precision, chosen.checkpointing
            )
        else:
            found[side] = trainer(model, prefix, pairs, chosen.steps, chosen.batch, chosen.against == "trl", precision)
        # LoRA: forward 2 N, backward to the activations 2 N floating-point operations a token.
        found[side]["share_of_peak"] = (
            found[side]["tokens_per_s"] * 4 * count / PEAK_FLOPS if device == "cuda" else None
        )
        if device == "cuda":
            found[side]["peak_memory_gb"] = torch.cuda.max_memory_allocated() / 1e9
            torch.cuda.reset_peak_memory_stats()
        del model
        if device == "cuda":
            import gc

            gc.collect()
            torch.cuda.empty_cache()
        print(json.dumps({side: found[side]}), flush=True)
    print(
        json.dumps(
            {
                "shape": chosen.shape,
                "shared": chosen.shared,
                "ratio": found["ours"]["tokens_per_s"] / found[chosen.against]["tokens_per_s"],
            }
        ),
        flush=True,
    )


if __name__ == "__main__":
    main()
