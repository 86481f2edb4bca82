"""Real tasks to judge predictions by: what was asked, what was answered, and who answered.

Every task is a function of the folder of public data sets; nothing here was written for the purpose. Where a model's
own answers were recorded they are the teacher, else the gold label stands for one.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

SEED = 20261124
MOST_TEST = 3_000
CHARACTERS = 2_000  # the analysis's own cut of inputs and answers


@dataclass(frozen=True)
class Task:
    """Distinct requests with their answers, in two parts that share none."""

    name: str
    source: str  # data set: tasks of one are held out together
    teacher: str  # who answered; "gold" where nobody recorded a model
    train: list[tuple[str, str]]
    test: list[tuple[str, str]]


Rows = list[dict[str, Any]]


def load(data: Path) -> list[Task]:
    """Every task that the folder has data for."""
    makers = (banking, clinc, semeval, cqa, restaurant, judge, svamp, frontier, products, receipts, spider, big_bench)
    return [task for make in makers for task in make(data)]


def _read(data: Path, name: str) -> Rows:
    rows: Rows = pq.read_table(data / name).to_pylist()
    return rows


def _task(name: str, source: str, teacher: str, rows: Rows, ask: str, answer: Callable[[Any], str | None]) -> Task:
    """A task without a split of its own: three quarters teach, the rest test."""
    pairs = _pairs(rows, ask, answer)
    order = np.random.default_rng(SEED).permutation(len(pairs))
    cut = max(len(pairs) - MOST_TEST, int(0.75 * len(pairs)))
    return Task(name, source, teacher, [pairs[at] for at in order[:cut]], [pairs[at] for at in order[cut:]])


def _split(name: str, source: str, parts: tuple[Rows, Rows], ask: str, answer: Callable[[Any], str | None]) -> Task:
    """A task with its own split; a test request that reads like a training one is left out."""
    train, test = (_pairs(rows, ask, answer) for rows in parts)
    known = {text.casefold() for text, _ in train}
    fresh = [pair for pair in test if pair[0].casefold() not in known]
    order = np.random.default_rng(SEED).permutation(len(train))
    chosen = np.random.default_rng(SEED).permutation(len(fresh))[:MOST_TEST]
    return Task(name, source, "gold", [train[at] for at in order], [fresh[at] for at in chosen])


def _pairs(rows: Rows, ask: str, answer: Callable[[Any], str | None]) -> list[tuple[str, str]]:
    """One pair a distinct request, its first answer."""
    first: dict[str, tuple[str, str]] = {}
    for row in rows:
        said = answer(row)
        if said is not None and row[ask].strip():
            text = row[ask][-CHARACTERS:]
            first.setdefault(text.casefold(), (text, str(said)[:CHARACTERS]))
    return list(first.values())


def banking(data: Path) -> list[Task]:
    parts = _read(data, "banking77/train.parquet"), _read(data, "banking77/test.parquet")
    return [_split("banking77 intent", "banking77", parts, "text", lambda row: row["category"])]


def clinc(data: Path) -> list[Task]:
    parts = _read(data, "clinc150/train.parquet"), _read(data, "clinc150/val.parquet")
    strange = _read(data, "clinc150/oos_train.parquet"), _read(data, "clinc150/oos_val.parquet")
    both = parts[0] + strange[0], parts[1] + strange[1]
    found = [
        _split("clinc150 intent", "clinc150", parts, "text", lambda row: row["intent"]),
        _split("clinc150 intent or out of scope", "clinc150", both, "text", lambda row: row["intent"]),
        _split("clinc150 domain", "clinc150", parts, "text", lambda row: row["domain"]),
    ]
    for domain in ("banking", "small_talk", "travel"):
        inside = tuple([row for row in part if row["domain"] == domain] for part in parts)
        found.append(_split(f"clinc150 {domain}", "clinc150", inside, "text", lambda row: row["intent"]))
    return found


def semeval(data: Path) -> list[Task]:
    told, gold = _read(data, "semeval_rc_chatgpt/chatgpt_shared.parquet"), "semeval_rc_chatgpt/train_gold.parquet"
    return [
        _task("relation, ChatGPT", "semeval", "ChatGPT", told, "sentence", lambda row: row["teacher_label"]),
        _task("relation, gold", "semeval", "gold", _read(data, gold), "sentence", lambda row: row["gold"]),
        _task("directed relation", "semeval", "gold", _read(data, gold), "sentence", lambda row: row["gold_directed"]),
    ]


def cqa(data: Path) -> list[Task]:
    rows = _read(data, "cqa_palm/train.parquet")
    return [
        _task("commonsense answer", "cqa", "PaLM-540B", rows, "input", lambda row: row["teacher_label"]),
        _task("commonsense, is PaLM right", "cqa", "gold", rows, "input", lambda row: str(row["teacher_correct"])),
        _task("commonsense, place of choice", "cqa", "PaLM-540B", rows, "input", _place),
    ]


def _place(row: dict[str, Any]) -> str | None:
    choices = row["choices"] if isinstance(row["choices"], list) else re.findall(r"'([^']*)'", str(row["choices"]))
    return "abcde"[list(choices).index(row["teacher_label"])] if row["teacher_label"] in choices else None


def restaurant(data: Path) -> list[Task]:
    parts = _read(data, "restaurant8k/train.parquet"), _read(data, "restaurant8k/test.parquet")
    slots: Callable[[Any], str] = lambda row: " ".join(sorted(json.loads(row["gold_json"]))) or "none"  # noqa: E731
    field: Callable[[Any], str] = lambda row: json.loads(row["gold_json"]).get("people", "none").lower()  # noqa: E731
    whole: Callable[[Any], str] = lambda row: json.dumps(json.loads(row["gold_json"]), sort_keys=True)  # noqa: E731
    return [
        _split("restaurant slots named", "restaurant8k", parts, "text", slots),
        _split("restaurant people", "restaurant8k", parts, "text", field),
        _split("restaurant whole JSON", "restaurant8k", parts, "text", whole),
    ]


def judge(data: Path) -> list[Task]:
    rows = _read(data, "wildbench_judge/judgements_shared.parquet")
    return [_task("judge's score", "wildbench", "gpt-4o", rows, "model_output", lambda row: row["score"])]


def svamp(data: Path) -> list[Task]:
    rows = _read(data, "svamp_palm/svamp.parquet")

    def operation(row: dict[str, Any]) -> str | None:
        found = re.findall(r"[-+*/]", row["teacher_expression"] or "")
        return "".join(found) or None

    return [
        _task("arithmetic operation", "svamp", "PaLM-540B", rows, "input", operation),
        _task("arithmetic value", "svamp", "PaLM-540B", rows, "input", lambda row: row["teacher_value"]),
    ]


def frontier(data: Path) -> list[Task]:
    rows = _read(data, "gsm8k_frontier/routellm_responses.parquet")
    return [_task("is Mixtral right", "gsm8k", "gold", rows, "question", lambda row: str(row["mixtral_8x7b_correct"]))]


def products(data: Path) -> list[Task]:
    gold = _read(data, "extractgpt_oa_mine/test_gold.parquet") + _read(data, "extractgpt_oa_mine/train_gold.parquet")
    told = _read(data, "extractgpt_oa_mine/gpt_runs.parquet")
    told = [row for row in told if row["run"] == told[-1]["run"]]

    def brand(row: dict[str, Any]) -> str:
        return " ".join(json.loads(row["gold_json"]).get("Brand", {"none": 1})).lower()

    return [
        _task("product category", "extractgpt", "gold", gold, "input", lambda row: row["category"]),
        _task("product brand", "extractgpt", "gold", gold, "input", brand),
        _task("product JSON", "extractgpt", told[0]["model"], told, "input", lambda row: row["teacher_output"]),
    ]


def receipts(data: Path) -> list[Task]:
    rows = _read(data, "sroie_receipts/receipts_shared.parquet")
    company: Callable[[Any], str] = lambda row: json.loads(row["gold_json"]).get("company", "none")  # noqa: E731
    return [_task("receipt company", "sroie", "gold", rows, "ocr_text", company)]


def spider(data: Path) -> list[Task]:
    rows = _read(data, "spider_text2sql/dev_shared.parquet")
    return [_task("database of a question", "spider", "gold", rows, "question", lambda row: row["db_id"])]


def big_bench(data: Path) -> list[Task]:
    rows = _read(data, "bbh_codex/shared_tasks.parquet")
    names = sorted({row["task"] for row in rows})
    return [
        _task(f"bbh {name}", f"bbh {name}", "Codex", mine, "question", lambda row: row["cot_answer"])
        for name in names
        if (mine := [row for row in rows if row["task"] == name])
    ]
