"""What the planned runs would cost, take and tell to others: live, before anything starts."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analytics.reports import present
from dashboard import building
from dashboard.parts import launch_review
from dashboard.parts.page import show_table
from pipeline.api import Disclosure, LaunchOptions, Plan, plan_command


def show(plans: Sequence[Plan], options: LaunchOptions) -> None:
    """Money, time, memory, disk, who is told what, and the way on."""
    _sums(plans)
    for plan in plans:
        _memory(plan)
    told = {one.plan_id: building.disclosures(one) for one in plans}
    leaves([one for found in told.values() for one in found])
    for plan in plans:
        with st.expander(f"{_name(plan)}: {plan.plan_id}", expanded=len(plans) == 1):
            _stages(plan)
    st.code("\n".join(commands(plans, options)), language=None, wrap_lines=True)
    launch_review.button(plans, told, options)


def _sums(plans: Sequence[Plan]) -> None:
    p50, p90 = (sum(getattr(plan.cost_usd, name) for plan in plans) for name in ("p50", "p90"))
    kind = plans[0].spec.student
    disk = building.room_on_disk(kind)
    with st.grid(2, min_column_width=160):
        st.metric("Paid to others", present.usd(p50), border=True, help="; ".join(p.cost_reason for p in plans),
                  delta=f"p90 {present.usd(p90)}", delta_color="off", delta_arrow="off")  # fmt: skip
        st.metric("Takes about", present.seconds(sum(plan.seconds for plan in plans)), border=True,
                  help=f"One run after the other. Basis: {plans[0].seconds_basis}.", delta="one after the other",
                  delta_color="off", delta_arrow="off")  # fmt: skip
        _memory_metric(plans)
        took = f"last {kind} run {present.size(disk.last_run_bytes)}" if disk.last_run_bytes else f"no {kind} run yet"
        st.metric("Free on disk", f"{disk.free_bytes / 1e9:,.0f} GB", border=True, delta=took, delta_color="off",
                  delta_arrow="off", help="Of the workspace; a run keeps every stage.")  # fmt: skip
    caps = [plan.cap_usd for plan in plans if plan.cap_usd is not None and plan.cost_usd.p90 > plan.cap_usd]
    if caps:
        st.warning(
            f"A run stops at {present.as_text(present.usd(min(caps)))} and keeps what was paid for. Raise the cap, or "
            "let the teacher see fewer rows.",
            title="The cap is below what it may cost",
        )  # fmt: skip


def _memory_metric(plans: Sequence[Plan]) -> None:
    """The run that needs most decides."""
    known = [plan.memory for plan in plans if plan.memory]
    most = max(known, key=lambda memory: memory["needed_gb"], default=None)
    st.metric(
        "Memory", f"{most['needed_gb']:.1f} GB" if most else "small", border=True, delta_color="off",
        delta_arrow="off",
        delta=f"{'fits' if most['fits'] else 'too much for'} {most['available_gb']:.1f} GB" if most else "no decoder",
        help=f"On {most['machine']}, predicted with a tenth on top." if most else "Only decoders are predicted.",
    )  # fmt: skip


def _memory(plan: Plan) -> None:
    if plan.memory and not plan.memory["fits"]:
        ways = "\n".join(f"- {way}" for way in plan.memory["would_fit"]) or "- nothing that is known here"
        st.warning(f"What would fit:\n{ways}", title=f"{_name(plan)} does not fit on this machine")


def _stages(plan: Plan) -> None:
    frame = pd.DataFrame(
        {
            "stage": [stage.name for stage in plan.stages],
            "what it does": [stage.does for stage in plan.stages],
            "rows": [present.count(stage.rows) for stage in plan.stages],
            "about": [present.seconds(stage.seconds) for stage in plan.stages],
        }
    )
    show_table(frame, f"Stages of {plan.plan_id}", plan.plan_id)
    st.caption(present.as_text(f"Cost: this run {plan.cost_reason}. Time: {plan.seconds_basis}."))


def leaves(found: Sequence[Disclosure]) -> None:
    """Who would be sent text of the task, and what their terms say."""
    st.markdown("**Data leaves to**")
    if not found:
        st.markdown("Nobody: it learns from answers that are here, on this machine.")
    for one in dict.fromkeys(found):
        calls = f", {one.calls:,} calls" if one.calls is not None else ""
        st.markdown(f"- **{one.to}** ({one.model}): {one.what}{calls}. {_masked(one)}")
        source = f" [{one.terms.source}]({one.terms.source}), by {one.terms.read}" if one.terms.source else ""
        st.caption(f"Terms: {one.terms.sentence}{source}")


def _masked(one: Disclosure) -> str:
    if not one.imports_not_redacted:
        return "Personal data in it was replaced by tokens at import."
    return (
        f"**{one.imports_not_redacted} of {one.imports} imports hold personal data as it came.** "
        "`spiritsafe doctor` names them."
    )


def commands(plans: Sequence[Plan], options: LaunchOptions) -> list[str]:
    """What does the same at a terminal."""
    flags = f" --launcher {options.launcher}" if options.launcher != LaunchOptions.launcher else ""
    flags += f" --gpus {options.gpus}" if options.gpus != 1 else ""
    flags += "".join(f" --report-to {name}" for name in options.report_to)
    flags += f" --usd-per-hour {options.usd_per_hour:g}" if options.usd_per_hour is not None else ""
    flags += " --force" if options.is_forced else ""
    return [line for plan in plans for line in (plan_command(plan.spec), f"spiritsafe launch {plan.plan_id}{flags}")]


def _name(plan: Plan) -> str:
    spec = plan.spec
    parts = [spec.student, spec.features if spec.student == "head" else None, spec.base]
    return " · ".join(part for part in parts if part)
