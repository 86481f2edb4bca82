"""The flags of a probe."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from analytics.errors import InputError

if TYPE_CHECKING:
    from pipeline.reevaluation.make import Asked


@Parameter(name="*")
@dataclass(frozen=True)
class ProbeFlags:
    """What is tried beside the students that stand, and within which limits."""

    probe: Annotated[
        bool, Parameter(negative="", help="Train new bases briefly and compare them on frozen, unseen rows.")
    ] = False
    candidate: Annotated[
        list[str] | None,
        Parameter(negative="", help="Try this as well: head:static, head:sentence, encoder[:FOLDER], causal:BASE."),
    ] = None
    cap: Annotated[
        float, Parameter(help="Most that all probes may cost: rent of the machine and paid calls [USD].")
    ] = 5.0
    seconds: Annotated[float, Parameter(help="Most time that all probes may take.")] = 1_800.0
    rows: Annotated[int, Parameter(help="Newest calls that each candidate learns from and is tested on.")] = 6_000
    steps: Annotated[int, Parameter(help="Optimizer steps of a network.")] = 40

    def asked(self, since: date | None, task: str | None) -> "Asked":
        """The question in full. Raises InputError where a limit is none."""
        from pipeline.reevaluation.candidates import Effort, candidate_of
        from pipeline.reevaluation.make import Asked

        for name, value in (
            ("--cap", self.cap),
            ("--seconds", self.seconds),
            ("--rows", self.rows),
            ("--steps", self.steps),
        ):
            if not 0 < value < float("inf"):
                raise InputError(f"{name} is above 0, not {value:g}")
        if self.candidate and not self.probe:
            raise InputError("--candidate goes with --probe")
        candidates = tuple(candidate_of(name) for name in self.candidate or ())
        return Asked(since, task, self.probe, candidates, Effort(self.rows, self.steps, self.cap, self.seconds))
