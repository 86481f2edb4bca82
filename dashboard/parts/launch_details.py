"""The parts of the form of runs that most people leave alone: training, a paid teacher, the gate."""

from typing import Any

import streamlit as st

from dashboard.parts.fields import count, maybe, number, whole
from dashboard.words import meaning
from pipeline.api import Choices, EvaluationFlags, TeacherFlags, TrainingFlags


def training(found: Choices) -> TrainingFlags:
    """How a network is trained; what is left empty is the kind's own default."""
    with st.expander("Training"):
        method = st.selectbox(
            "Method", found.methods, index=None, key="method", bind="query-params", placeholder="the kind's own",
            help="lora: adapters. qlora: adapters on four-bit weights. full: all weights.",
        )  # fmt: skip
        with st.grid(2, min_column_width=150):
            epochs = maybe("Passes over the rows", "epochs", 0.1, "%g")
            rate = maybe("Highest learning rate", "learning_rate", 1e-6, "%g")
            batch = maybe("Examples a step", "batch_size", 1.0, "%g")
            rank = maybe("Rank of the adapters", "lora_rank", 1.0, "%g")
            steps = maybe("Steps at most", "max_steps", 1.0, "%g")
            micro = maybe("Tokens at once", "micro_tokens", 64.0, "%g")
            tokens = count("Tokens of one example", "max_tokens", TrainingFlags.max_tokens, 32, 32_768, 128)
            mix = number("General examples a row", "general_mix", 0.0, 0.0, 10.0, 0.1, "%g",
                          "Mixed in against forgetting.")  # fmt: skip
            weight = number("Weight of the objective", "objective_weight", TrainingFlags.objective_weight, 0.0, 1.0,
                            0.1, "%g", "Beside the loss on the teacher's answers.")  # fmt: skip
            heat = number("Temperature", "temperature", TrainingFlags.temperature, 0.1, 20.0, 0.5, "%g",
                           "Softens distributions that are compared.")  # fmt: skip
            divergence = number("Divergence", "divergence", TrainingFlags.divergence, 0.0, 1.0, 0.1, "%g",
                                 "0: forward KL, 1: reverse KL, between: Jensen-Shannon.")  # fmt: skip
        teacher_base = st.text_input(
            "Local teacher", key="teacher_base", bind="query-params", placeholder="name or folder",
            help="For the objectives logits and features: a base whose probabilities or hidden states teach.",
        )  # fmt: skip
        checkpointing = st.toggle("Less memory, a third more time", key="gradient_checkpointing", bind="query-params")
        prompt = st.toggle("Keep the constant prompt text", key="keep_prompt", bind="query-params")
        general = st.text_input("General examples", key="general_data", bind="query-params",
                                placeholder="JSONL file; empty: the shipped ones")  # fmt: skip
    return TrainingFlags(
        method=method, epochs=epochs, learning_rate=rate, batch_size=whole(batch), lora_rank=whole(rank),
        max_tokens=int(tokens), general_mix=mix, teacher_base=teacher_base or None,
        gradient_checkpointing=checkpointing, max_steps=whole(steps), micro_tokens=whole(micro), keep_prompt=prompt,
        objective_weight=weight, temperature=heat, divergence=divergence, general_data=general or None,
    )  # fmt: skip


def teacher(found: Choices) -> TeacherFlags:
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
            rows = maybe("Newest rows it sees", "teach_rows", 1.0, "%g")
            samples = count("Answers an input", "samples", TeacherFlags.samples, 2, 20, 1)
            made_up = count("Inputs to be made up", "synthetic_rows", TeacherFlags.synthetic_rows, 0, 1_000_000, 100)
            daily = maybe("Most a day, all runs (USD)", "daily_cap", 0.0, "%g")
        batch = st.toggle("By the provider's batch service: half the price, within a day", key="batch",
                          bind="query-params")  # fmt: skip
    if not model.strip():
        return TeacherFlags()
    return TeacherFlags(
        teacher=model.strip(), teacher_url=url.strip() or None, teach=",".join(jobs), samples=int(samples),
        teach_rows=whole(rows), synthetic_rows=int(made_up), batch=batch, daily_cap=daily,
    )  # fmt: skip


def judged(candidates: int) -> tuple[Any, Any]:
    """What a student must show, and whom else it is measured against."""
    with st.expander("Gate and comparison"):
        with st.grid(2, min_column_width=150):
            margin = number("May be worse by (points)", "margin", 100 * EvaluationFlags.margin, 0.1, 50.0, 0.5, "%.1f",
                             meaning("gate"))  # fmt: skip
            least = count("Least independent rows", "least_rows", EvaluationFlags.least_rows, 1, 100_000, 50)
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
