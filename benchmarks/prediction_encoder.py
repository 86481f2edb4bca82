"""A fine-tuned student: the sentence encoder of the ``train`` extra with a linear head, all layers trained.

Only here to judge predictions by. One recipe for every task, settled for its time alone: passes over the rows
until 4,000 examples were shown, two to eight times, learning rates of 3e-4 (encoder) and 3e-3 (head), falling to zero.
The table of word vectors stays as it is: half of all weights, and few of them occur in a task.
"""

from pathlib import Path
from typing import Any

import numpy as np

from analytics.answers import canonical_answers
from benchmarks.prediction_achieved import Achieved, agreeing, kept
from benchmarks.prediction_tasks import SEED, Task
from pipeline.students.parts.sentence import encoder_folder

SHOWN, LEAST_PASSES, MOST_PASSES = 4_000, 2, 8
MOST_TEST = 1_000
BATCH = 32
MAX_TOKENS = 64
RATE, HEAD_RATE = 3e-4, 3e-3
THREADS = 1

# A spread of levels and of numbers of answers; every run that was made is reported.
RUNS = {
    "clinc150 banking": (500, 1500),
    "relation, gold": (1000, 2000),
    "banking77 intent": (1000, 2000),
    "product category": (500,),
    "restaurant slots named": (1000, 2000),
    "relation, ChatGPT": (1175,),
    "arithmetic operation": (728,),
    "database of a question": (492,),
    "is Mixtral right": (989,),
    "clinc150 domain": (1000,),
    "directed relation": (2000,),
    "commonsense, place of choice": (1000,),
    "clinc150 intent": (2000,),
    "product brand": (1453,),
}


def name(task: Task, rows: int) -> str:
    """Under which a result is kept."""
    return f"encoder-{task.name}-{rows}"


def encoder(task: Task, rows: int, cache: Path) -> Achieved:
    """What fine-tuning reaches on the first ``rows`` of a task."""
    return kept(cache, name(task, rows), lambda: _tune(task, rows))


def _tune(task: Task, rows: int) -> Achieved:
    import torch
    from transformers import AutoModel, AutoTokenizer

    torch.manual_seed(SEED)
    torch.set_num_threads(THREADS)
    folder = str(encoder_folder())
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = AutoModel.from_pretrained(folder, local_files_only=True)
    model.embeddings.word_embeddings.weight.requires_grad_(False)
    answers = canonical_answers([answer for _, answer in task.train[:rows]])
    labels = sorted(set(answers))
    truth = torch.tensor([labels.index(answer) for answer in answers])
    head = torch.nn.Linear(model.config.hidden_size, len(labels))
    texts = [text for text, _ in task.train[:rows]]
    passes = int(min(max(SHOWN / rows, LEAST_PASSES), MOST_PASSES))
    steps = passes * -(-rows // BATCH)
    groups = [
        {"params": [one for one in model.parameters() if one.requires_grad], "lr": RATE},
        {"params": head.parameters(), "lr": HEAD_RATE},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    warm = max(1, steps // 10)
    falling = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, max(0.0, (steps - step) / max(1, steps - warm)))
    )
    order = np.random.default_rng(SEED)
    model.train()
    for _ in range(passes):
        places = order.permutation(rows)
        for start in range(0, rows, BATCH):
            chosen = places[start : start + BATCH]
            with torch.autocast("cpu", dtype=torch.bfloat16):
                pooled = _pool(model, tokenizer, [texts[at] for at in chosen])
            scores = head(pooled.float())
            loss = torch.nn.functional.cross_entropy(scores, truth[chosen])
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            falling.step()
    model.eval()
    asked, said = task.test[:MOST_TEST], list[str]()
    with torch.inference_mode():
        for start in range(0, len(asked), 64):
            batch = [text for text, _ in asked[start : start + 64]]
            said += [labels[at] for at in head(_pool(model, tokenizer, batch)).argmax(1).tolist()]
    return Achieved(task.name, rows, len(asked), agreeing(said, task))


def _pool(model: Any, tokenizer: Any, texts: list[str]) -> Any:
    """Mean of the last layer's tokens."""
    tokens = tokenizer(texts, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
    mask = tokens["attention_mask"].unsqueeze(-1).float()
    states = model(**tokens).last_hidden_state
    return (states * mask).sum(1) / mask.sum(1)
