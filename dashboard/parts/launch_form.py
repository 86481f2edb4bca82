"""The form of runs: what ``spiritsafe plan`` and ``launch`` take, kept in the address so that a link plans the same.

Every field that is not at its default stands in the address under its flag's name; defaults are the contract's own.
"""

from dataclasses import dataclass
from itertools import product
from typing import Any

import streamlit as st

from analytics.reports import present
from dashboard import building
from dashboard.parts.fields import count, maybe, number
from dashboard.parts.launch_details import judged, teacher, training
from dashboard.parts.launch_query import BASE
from dashboard.words import meaning
from pipeline.api import BaseChoice, Choices, LaunchOptions, Recipe, TrainingFlags, launch_options, teaching_of

DEFAULT_CAP_USD = 50.0
KINDS = {
    "lookup": "lookup: repeats, answered as before",
    "head": "head: a linear model on text features, trains in seconds on a CPU; labels",
    "head:sentence": "head:sentence: the same on a sentence encoder's features; labels",
    "encoder": "encoder: a small encoder, fine-tuned in minutes; labels, fields, spans",
    "causal": "causal: a decoder with adapters; JSON, text, labels",
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
        "Kinds of student", found.rungs, default=["head"], key="kinds", bind="query-params",
        help="Cheapest first. Several are tried on the same test rows, so each must show more.",
    )  # fmt: skip
    st.caption("  \n".join(KINDS[one] for one in rungs if one in KINDS))
    bases, objective = _decoder(found) if "causal" in rungs else ([None], Recipe.objective)
    limits = _limits()
    trained = training(found) if {"causal", "encoder"} & set(rungs) else TrainingFlags()
    asked = teacher(found)
    gate, evaluating = judged(sum(len(bases) if rung == "causal" else 1 for rung in rungs))
    options = _where(found)
    recipes = tuple(
        Recipe(
            student=rung.partition(":")[0], features=rung.partition(":")[2] or "static",
            base=base if rung == "causal" else None, objective=objective if rung == "causal" else Recipe.objective,
            training=trained.training(), teaching=teaching_of(asked), gate=gate, evaluating=evaluating, **limits,
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
        help="Smallest first, each with its licence. `spiritsafe bases` says where each one's facts come from.",
    )  # fmt: skip
    st.caption("  \n".join(_facts(known[name]) for name in bases))
    gated = [name for name in bases if known[name].is_gated]
    if gated:
        st.caption(f"The hub asks for consent to the licence of {', '.join(gated)} before it gives the weights.")
    objective = st.selectbox(
        "Objective", found.objectives["causal"], key="objective", bind="query-params",
        help="sequence: the teacher's answers. logits: its probabilities. rationale: its reasons as well. features: "
        "the hidden states of a local teacher.",
    )  # fmt: skip
    return bases or [BASE], objective


def _facts(base: BaseChoice) -> str:
    return f"{base.name}: {present.compact(base.parameters)} weights, licence {base.licence}"


def _limits() -> dict[str, Any]:
    """The promise, how much is read, and what may be paid."""
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        alpha = number("Allowed disagreement α (%)", "alpha", 100 * Recipe.alpha, 0.1, 50.0, 0.5, "%.1f", meaning("α"))
        rows = count("Newest calls to read", "max_rows", Recipe.max_rows, 200, 5_000_000, 10_000)
    with right:
        delta = number("Risk of breaking it δ (%)", "delta", 100 * Recipe.delta, 0.1, 50.0, 1.0, "%.1f", meaning("δ"))
        cap = number("Hard cap on paid calls (USD)", "cap", DEFAULT_CAP_USD, 0.0, 1e6, 10.0, "%.2f", meaning("cap"))
    seed = count("Seed", "seed", Recipe.seed, 0, 2**31 - 1, 1)
    return {
        "alpha": round(alpha / 100, 6), "delta": round(delta / 100, 6), "max_rows": int(rows), "cap_usd": float(cap),
        "seed": int(seed),
    }  # fmt: skip


def _where(found: Choices) -> LaunchOptions:
    """Which machine, and who is told."""
    with st.expander("Where it runs"):
        launcher = st.selectbox(
            "Launcher", found.launchers, key="launcher", bind="query-params",
            index=found.launchers.index(LaunchOptions.launcher),
            help="local: a process of this machine. torchrun: several GPUs of it. ray: an existing cluster.",
        )  # fmt: skip
        with st.grid(2, min_column_width=150):
            gpus = count("GPUs", "gpus", LaunchOptions.gpus, 1, 64, 1)
            rent = maybe("Rent of the machine (USD an hour)", "usd_per_hour", 0.0, "%g")
        told = st.multiselect("Tell trackers", found.trackers, key="report_to", bind="query-params")
        forced = st.toggle("Start although the memory is predicted not to suffice", key="force", bind="query-params")
    return launch_options(launcher, int(gpus), tuple(told), rent, forced)
