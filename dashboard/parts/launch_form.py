"""The form of runs: what ``spiritsafe plan`` and ``launch`` take, kept in the address so that a link plans the same.

Every field that is not at its default stands in the address under its flag's name; defaults are the contract's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import streamlit as st

from analytics.reports import present
from dashboard import building
from dashboard.words import meaning
from pipeline.api import (
    Choices,
    EvaluationFlags,
    LaunchOptions,
    PlanSpec,
    Recipe,
    TeacherFlags,
    TrainingFlags,
    launch_options,
    teaching_of,
)  # fmt: skip

DEFAULT_CAP_USD = 50.0
BASE = "smollm2-135m-instruct"
KINDS = {
    "lookup": "lookup: repeats answered as before",
    "head": "head: text features, trains in seconds",
    "head:sentence": "head on a sentence encoder",
    "encoder": "encoder: a small one, fine-tuned",
    "causal": "causal: a decoder with adapters",
}


@dataclass(frozen=True)
class Question:
    """What the form asks for: one plan each for these recipes."""

    recipes: tuple[Recipe, ...]
    options: LaunchOptions


def ask() -> Question:
    """Every choice. Raises InputError or UnknownName where they do not go together."""
    found = building.choices()
    rungs = st.multiselect(
        "Kinds of student", found.rungs, default=["head"], format_func=lambda one: KINDS.get(one, one), key="kinds",
        bind="query-params", help="Cheapest first. Several are tried on the same test rows, so each must show more.",
    )  # fmt: skip
    bases, objective = _decoder(found) if "causal" in rungs else ([None], Recipe.objective)
    limits = _limits()
    training = _training(found) if {"causal", "encoder"} & set(rungs) else TrainingFlags()
    teacher = _teacher(found)
    judged, evaluating = _judged(len(rungs) * len(bases))
    options = _where(found)
    recipes = tuple(
        Recipe(
            student=rung.partition(":")[0], features=rung.partition(":")[2] or "static",
            base=base if rung == "causal" else None, objective=objective if rung == "causal" else Recipe.objective,
            training=training.training(), teaching=teaching_of(teacher), gate=judged, evaluating=evaluating, **limits,
        )
        for rung, base in product(rungs, bases)
        if rung == "causal" or base == bases[0]
    )  # fmt: skip
    return Question(recipes, options)


def _decoder(found: Choices) -> tuple[list[str], str]:
    """Which decoders, trained towards what."""
    known = {one.name: one for one in found.bases}
    bases = st.multiselect(
        "Bases", list(known), default=[BASE], key="bases", bind="query-params",
        format_func=lambda name: f"{name} · {present.compact(known[name].parameters)} · {known[name].licence}",
        help="Smallest first, each with its licence. `spiritsafe bases` says where each one's facts come from.",
    )  # fmt: skip
    gated = [name for name in bases if known[name].is_gated]
    if gated:
        st.caption(f"The hub asks for consent to the licence of {', '.join(gated)} before it gives the weights.")
    objective = st.selectbox(
        "Objective", found.objectives["causal"], key="objective", bind="query-params",
        help="sequence: the teacher's answers. logits: its probabilities. rationale: its reasons as well. features: "
        "the hidden states of a local teacher.",
    )  # fmt: skip
    return bases or [BASE], objective


def _limits() -> dict[str, Any]:
    """The promise, how much is read, and what may be paid."""
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        alpha = _number("Allowed disagreement α (%)", "alpha", 100 * Recipe.alpha, 0.1, 50.0, 0.5, "%.1f", meaning("α"))
        rows = _count("Newest calls to read", "max_rows", Recipe.max_rows, 200, 5_000_000, 10_000)
    with right:
        delta = _number("Risk of breaking it δ (%)", "delta", 100 * Recipe.delta, 0.1, 50.0, 1.0, "%.1f", meaning("δ"))
        cap = _number("Hard cap on paid calls (USD)", "cap", DEFAULT_CAP_USD, 0.0, 1e6, 10.0, "%.2f", meaning("cap"))
    seed = st.session_state.get("seed", Recipe.seed)
    return {
        "alpha": round(alpha / 100, 6), "delta": round(delta / 100, 6), "max_rows": int(rows), "cap_usd": float(cap),
        "seed": int(seed),
    }  # fmt: skip


def _training(found: Choices) -> TrainingFlags:
    """How a network is trained; what is left empty is the kind's own default."""
    with st.expander("Training"):
        method = st.selectbox(
            "Method", found.methods, index=None, key="method", bind="query-params", placeholder="the kind's own",
            help="lora: adapters. qlora: adapters on four-bit weights. full: all weights.",
        )  # fmt: skip
        with st.grid(2, min_column_width=150):
            epochs = _maybe("Passes over the rows", "epochs", 0.1, "%g")
            rate = _maybe("Highest learning rate", "learning_rate", 1e-6, "%g")
            batch = _maybe("Examples a step", "batch_size", 1.0, "%g")
            rank = _maybe("Rank of the adapters", "lora_rank", 1.0, "%g")
            tokens = _count("Tokens of one example", "max_tokens", TrainingFlags.max_tokens, 32, 32_768, 128)
            mix = _number("General examples a row", "general_mix", 0.0, 0.0, 10.0, 0.1, "%g",
                          "Mixed in against forgetting.")  # fmt: skip
        teacher_base = st.text_input(
            "Local teacher", key="teacher_base", bind="query-params", placeholder="name or folder",
            help="For the objectives logits and features: a base whose probabilities or hidden states teach.",
        )  # fmt: skip
        checkpointing = st.toggle("Less memory, a third more time", key="gradient_checkpointing", bind="query-params")
    return TrainingFlags(
        method=method, epochs=epochs, learning_rate=rate, batch_size=_whole(batch), lora_rank=_whole(rank),
        max_tokens=int(tokens), general_mix=mix, teacher_base=teacher_base or None,
        gradient_checkpointing=checkpointing,
    )  # fmt: skip


def _teacher(found: Choices) -> TeacherFlags:
    """A paid teacher, or the log's own answers."""
    with st.expander("Paid teacher", expanded=bool(st.session_state.get("teacher"))):
        model = st.text_input(
            "Teacher", key="teacher", bind="query-params", placeholder="PROVIDER/MODEL; empty: the log's own answers",
            help="Paid for the jobs below, within the cap. Its key lives in the worker's environment, never here.",
        )  # fmt: skip
        jobs = st.multiselect("What it is paid for", found.jobs, key="teach", bind="query-params")
        url = st.text_input("Address of your own server", key="teacher_url", bind="query-params",
                            placeholder="https://…/v1; empty: the provider's")  # fmt: skip
        with st.grid(2, min_column_width=150):
            rows = _maybe("Newest rows it sees", "teach_rows", 1.0, "%g")
            samples = _count("Answers an input", "samples", TeacherFlags.samples, 2, 20, 1)
            made_up = _count("Inputs to be made up", "synthetic_rows", TeacherFlags.synthetic_rows, 0, 1_000_000, 100)
            daily = _maybe("Most a day, all runs (USD)", "daily_cap", 0.0, "%g")
        batch = st.toggle("By the provider's batch service: half the price, within a day", key="batch",
                          bind="query-params")  # fmt: skip
    if not model.strip():
        return TeacherFlags()
    return TeacherFlags(
        teacher=model.strip(), teacher_url=url.strip() or None, teach=",".join(jobs), samples=int(samples),
        teach_rows=_whole(rows), synthetic_rows=int(made_up), batch=batch, daily_cap=daily,
    )  # fmt: skip


def _judged(candidates: int) -> tuple[Any, Any]:
    """What a student must show, and whom else it is measured against."""
    with st.expander("Gate and comparison"):
        with st.grid(2, min_column_width=150):
            margin = _number("May be worse by (points)", "margin", 100 * EvaluationFlags.margin, 0.1, 50.0, 0.5, "%.1f",
                             meaning("gate"))  # fmt: skip
            least = _count("Least independent rows", "least_rows", EvaluationFlags.least_rows, 1, 100_000, 50)
        compare = st.text_input(
            "Also measure", key="compare", bind="query-params", placeholder="untuned, few-shot:PROVIDER/MODEL",
            help="Between commas. A few-shot model is paid, within the cap.",
        )  # fmt: skip
        judge = st.text_input("Judge", key="judge", bind="query-params", placeholder="PROVIDER/MODEL; empty: none")
        compare_url = st.text_input("Address for both", key="compare_url", bind="query-params",
                                    placeholder="https://…/v1; empty: the provider's")  # fmt: skip
    flags = EvaluationFlags(
        margin=round(margin / 100, 6), least_rows=int(least), candidates=max(1, candidates), compare=compare or None,
        judge=judge.strip() or None, compare_url=compare_url.strip() or None,
    )  # fmt: skip
    return flags.gate(), flags.evaluating()


def _where(found: Choices) -> LaunchOptions:
    """Which machine, and who is told."""
    with st.expander("Where it runs"):
        launcher = st.selectbox(
            "Launcher", found.launchers, key="launcher", bind="query-params",
            index=found.launchers.index(LaunchOptions.launcher),
            help="local: a process of this machine. torchrun: several GPUs of it. ray: an existing cluster.",
        )  # fmt: skip
        with st.grid(2, min_column_width=150):
            gpus = _count("GPUs", "gpus", LaunchOptions.gpus, 1, 64, 1)
            rent = _maybe("Rent of the machine (USD an hour)", "usd_per_hour", 0.0, "%g")
        told = st.multiselect("Tell trackers", found.trackers, key="report_to", bind="query-params")
        forced = st.toggle("Start although the memory is predicted not to suffice", key="force", bind="query-params")
    return launch_options(launcher, int(gpus), tuple(told), rent, forced)


def _number(label: str, name: str, value: float, low: float, high: float, step: float, form: str, told: str) -> float:
    return float(st.number_input(label, low, high, value, step, format=form, key=name, bind="query-params", help=told))


def _count(label: str, name: str, value: int, low: int, high: int, step: int) -> int:
    return int(st.number_input(label, low, high, value, step, key=name, bind="query-params"))


def _maybe(label: str, name: str, low: float, form: str) -> float | None:
    """A number that may be left out."""
    found: float | None = st.number_input(
        label, min_value=low, value=None, format=form, key=name, bind="query-params", placeholder="default"
    )
    return found


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def as_query(spec: PlanSpec) -> dict[str, str | list[str]]:
    """The address that asks the form for this plan again: what is not at its default, by the names of the fields."""
    rung = f"{spec.student}:{spec.features}" if spec.features != "static" else spec.student
    said: dict[str, Any] = {"kinds": [rung], "alpha": f"{100 * spec.alpha:g}", "delta": f"{100 * spec.delta:g}"}
    said |= {"max_rows": spec.max_rows, "cap": spec.cap_usd, "task": spec.task_id}
    if spec.student == "causal":
        said |= {"bases": [spec.base or BASE], "objective": spec.objective}
    said |= _different(vars(spec.training), vars(TrainingFlags().training()), TRAINING)
    if spec.teaching:
        said |= {"teacher": spec.teaching.model, "teach": list(spec.teaching.jobs)}
        said |= {"teacher_url": spec.teaching.api_base, "teach_rows": spec.teaching.rows}
        said |= {"samples": spec.teaching.samples, "synthetic_rows": spec.teaching.synthetic_rows}
    said |= {"margin": f"{100 * spec.gate.margin:g}", "least_rows": spec.gate.least_rows}
    if spec.evaluating.compare:
        said["compare"] = ",".join(spec.evaluating.compare)
    said |= {"judge": spec.evaluating.judge}
    return {name: value if isinstance(value, list) else str(value) for name, value in said.items() if value is not None}


TRAINING = ("method", "epochs", "learning_rate", "batch_size", "lora_rank", "max_tokens", "general_mix", "teacher_base")


def _different(chosen: Mapping[str, Any], default: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: chosen[name] for name in names if chosen[name] != default[name]}
