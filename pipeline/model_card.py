"""A student's model card in Markdown: what it is, how good, where it fails, what it cost, and how to make it again.

It shows whatever the registered card and the evaluation hold. A figure that a card of this kind should have and has not
is said to be not measured, so that its absence is seen.
"""

from typing import Any

from analytics.errors import SpiritsafeError
from analytics.workspace import Workspace
from pipeline import registry
from pipeline.artifacts import read_json
from pipeline.contracts import PlanSpec
from pipeline.markdown import NOT_MEASURED, block, value
from pipeline.plan import load_spec
from pipeline.plan_command import plan_command
from pipeline.retiring import with_retirements
from pipeline.routing import FILE as CALIBRATION
from pipeline.stages.evaluate import FILE as EVALUATION

# Title, keys of the evaluation and the card in the order in which they are shown.
QUALITY = (
    "agreement", "agreement_traffic", "accuracy_gold_interval", "teacher_accuracy_gold", "macro_f1", "metrics",
    "comparisons", "baselines", "mcnemar_previous",
)  # fmt: skip
SECTIONS = (
    ("Quality", QUALITY),
    ("Gate", ("gate",)),
    ("Confidence and routing", (
        "threshold", "threshold_reason", "coverage", "served_disagreement", "alpha", "delta", "least_escalation",
        "ood_cutoff", "calibration_rows", "calibration_scores",
    )),
    ("Slices", ("slices", "per_class")),
    ("Failure modes", ("failure_modes", "formatting_slips")),
    ("What was forgotten", ("forgetting", "forgetting_reason")),
    ("Learning curve", ("learning_curve",)),
    ("Costs and speed", (
        "cost_paid_usd", "cost_per_1000", "train_seconds", "training_resources", "evaluate_seconds", "latency_ms",
        "bytes",
    )),
)  # fmt: skip
DATA = (
    "task", "task_id", "data_version", "examples_sha256", "split_hash", "rows_in", "funnel", "rows", "trainable_rows",
    "trained_until", "calibrated_until", "test_period", "labels",
)  # fmt: skip
RECIPE = ("kind", "features", "objective", "seed", "code_version", "plan_id", "run_id")
OPTIONAL = frozenset({"forgetting_reason", "mcnemar_previous", "accuracy_gold_interval", "teacher_accuracy_gold"})
ELSEWHERE = frozenset({"classes", "gold", "accuracy_gold", "previous", "compared_after", "files", "student_id"})
LIMITS = (
    "Trained to say what the teacher said, mistakes included. Agreement is no proof of being right.",
    "Judged on the newest traffic of one task. On other traffic nothing is known; inputs far from the lessons are "
    "meant to go to the teacher.",
    "The bound on disagreement holds for traffic like that of the calibration period, and not after a drift.",
)


def model_card(workspace: Workspace, student_id: str) -> str:
    """The card of an intact student, as one Markdown document."""
    row = registry.find_student(workspace, student_id)
    card = with_retirements(workspace, registry.show_student(workspace, student_id))
    folder = row.folder(workspace)
    evaluation: dict[str, Any] = read_json(folder / EVALUATION) if (folder / EVALUATION).exists() else {}
    rule: dict[str, Any] = read_json(folder / CALIBRATION) if (folder / CALIBRATION).exists() else {}
    known = rule | evaluation | card
    parts = [_head(card), _section("Data", known, DATA), _base(card), _recipe(workspace, card)]
    parts += [_section(title, known, names) for title, names in SECTIONS]
    parts += [_rest(evaluation), _limits(card), _files(card)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(card: dict[str, Any]) -> str:
    flags = [f"**{one['what']} {one['name']} retires on {one['on']}**" for one in card["retirements"]]
    told = f"A student of kind `{card['kind']}` for the task {value(card.get('task'))}, made {card['created_at'][:10]}."
    return "\n\n".join([f"# {card['student_id']}", told, *flags])


def _section(title: str, known: dict[str, Any], names: tuple[str, ...]) -> str:
    lines = [f"## {title}"]
    for name in names:
        if name in OPTIONAL and known.get(name) is None:
            continue
        found = block(known.get(name))
        label = name.replace("_", " ")
        lines.append(f"### {label}\n\n{found}" if found.startswith("|") else f"- {label}: {found}")
    return "\n\n".join(lines)


def _base(card: dict[str, Any]) -> str:
    base = card.get("base")
    if not base:
        return "## Base\n\nBuilt on no pre-trained weights."
    pinned = base.get("sha256") or "the package's own version"
    rows = {"name": base["name"], "version or commit": base["version"], "licence": base["licence"], "files": pinned}
    return f"## Base\n\n{block(rows | {'retires': base.get('retires') or 'no date is known'})}"


def _recipe(workspace: Workspace, card: dict[str, Any]) -> str:
    spec = _spec(workspace, card)
    lines = ["## Recipe", block({name: card.get(name) for name in RECIPE})]
    if spec is not None:
        lines += [
            "### training",
            block({name: found for name, found in vars(spec.training).items() if found is not None}),
        ]
    lines += ["### made with", block(card.get("environment")), "### make it again", _commands(card, spec)]
    return "\n\n".join(lines)


def _commands(card: dict[str, Any], spec: PlanSpec | None) -> str:
    if spec is None:
        return f"The plan {card.get('plan_id')} is not in this workspace any more."
    told = (
        f"With spiritsafe {card['code_version']}, the same data (version `{card['data_version']}`) and the packages "
        "above. "
        "Trained on CPUs of the same kind the student gets the same name, which is the hash of what it is."
    )
    return f"{told}\n\n```\n{plan_command(spec)}\nspiritsafe launch {card['plan_id']} --wait\n```"


def _spec(workspace: Workspace, card: dict[str, Any]) -> PlanSpec | None:
    try:
        return load_spec(workspace, card["plan_id"])
    except (SpiritsafeError, KeyError, TypeError):  # gone, or of a version with other choices
        return None


def _rest(evaluation: dict[str, Any]) -> str:
    """What an evaluation holds and no section names, so that nothing measured is lost."""
    named = {name for _, names in SECTIONS for name in names} | set(DATA) | set(RECIPE) | ELSEWHERE
    more = {name: found for name, found in evaluation.items() if name not in named and found is not None}
    return _section("Further figures", more, tuple(more)) if more else ""


def _limits(card: dict[str, Any]) -> str:
    lines = list(LIMITS)
    if card.get("agreement") is None:
        lines.append(f"Agreement with the teacher was {NOT_MEASURED}: do not serve it.")
    return "## Limits\n\n" + "\n".join(f"- {line}" for line in lines)


def _files(card: dict[str, Any]) -> str:
    return "## Files\n\n" + block([{"file": name, "sha256": digest} for name, digest in card["files"].items()])
