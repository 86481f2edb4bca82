"""Which text of a task would leave this machine, to whom, and what their terms say of training on their answers."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache

from analytics.privacy.history import not_redacted
from analytics.workspace import SHIPPED, Workspace
from pipeline.contracts import PlanSpec
from pipeline.plan import Plan

TERMS = SHIPPED / "terms" / "teachers.toml"
UNKNOWN_TERMS = "No sentence about this provider's terms is kept here: read them before you train on its answers."
FEW_SHOT = "few-shot:"


@dataclass(frozen=True)
class Terms:
    """What is known of a provider's terms."""

    sentence: str
    source: str | None  # None: nothing is kept of them
    read: str | None


@dataclass(frozen=True)
class Disclosure:
    """One receiver of text."""

    to: str  # provider, or the address that is asked instead
    model: str
    what: str  # which text, and how much of it
    calls: int | None  # None: known only when the run is at it
    terms: Terms
    imports_not_redacted: int  # files whose personal data was kept as it came; 0: all were redacted
    imports: int


def disclosures(workspace: Workspace, plan: Plan) -> list[Disclosure]:
    """Everyone who would be sent inputs of the task; empty where a run keeps to itself."""
    spec = plan.spec
    kept, imports = _redaction(workspace, spec)
    found = []
    if spec.teaching is not None:
        calls = plan.teacher.calls if plan.teacher else None
        asked = f"inputs of the task, for {', '.join(spec.teaching.jobs)}"
        found.append((spec.teaching.model, spec.teaching.api_base, asked, calls))
    judged = spec.evaluating
    few = [name.removeprefix(FEW_SHOT) for name in judged.compare if name.startswith(FEW_SHOT)]
    found += [(model, judged.api_base, f"up to {judged.rows:,} test inputs with examples", None) for model in few]
    if judged.judge:
        found.append((judged.judge, judged.api_base, "test inputs on which student and teacher differ", None))
    return [
        Disclosure(address or model.partition("/")[0], model, what, calls, terms(model, address), kept, imports)
        for model, address, what, calls in found
    ]


def terms(model: str, address: str | None = None) -> Terms:
    """Of the provider that litellm's name of a model begins with; a server of one's own has none that are known."""
    found = None if address else _known().get(model.partition("/")[0].lower())
    return Terms(**found) if found else Terms(UNKNOWN_TERMS, None, None)


@lru_cache(maxsize=1)
def _known() -> dict[str, dict[str, str]]:
    return tomllib.loads(TERMS.read_text("utf-8"))


def _redaction(workspace: Workspace, spec: PlanSpec) -> tuple[int, int]:
    """Imports that kept personal data, and all imports; pairs are read as they are."""
    if spec.pairs is not None:
        return 1, 1
    kept, imports = not_redacted(workspace)
    return len(kept), imports
