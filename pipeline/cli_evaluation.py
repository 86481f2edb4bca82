"""The flags of ``plan`` that say what a student must show, and whom it is measured against."""

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from analytics.errors import InputError
from pipeline.contracts import Evaluating, Gate

UNTUNED, FEW_SHOT = "untuned", "few-shot"


@Parameter(name="*")
@dataclass(frozen=True)
class EvaluationFlags:
    """What a student must show, and whom it is measured against."""

    margin: Annotated[float, Parameter(help="Share of answers by which the student may be worse.")] = Gate.margin
    least_rows: Annotated[int, Parameter(help="Independent test rows, below which nothing is passed.")] = (
        Gate.least_rows
    )
    candidates: Annotated[
        int, Parameter(help="Students that you try on the same test rows; each then needs more proof.")
    ] = Gate.candidates
    compare: Annotated[
        str | None, Parameter(help="Others to measure against, between commas: untuned, few-shot:PROVIDER/MODEL.")
    ] = None
    judge: Annotated[str | None, Parameter(help="PROVIDER/MODEL that is paid to judge answers.")] = None
    compare_url: Annotated[
        str | None, Parameter(help="Address of an OpenAI-compatible server for the few-shot model and the judge.")
    ] = None
    compare_rows: Annotated[int, Parameter(help="Newest new inputs that paid models are asked about.")] = (
        Evaluating.rows
    )

    def gate(self) -> Gate:
        """The contract's form. Raises InputError that names the flag."""
        if not 0 < self.margin < 1:
            raise InputError(f"--margin is a share between 0 and 1, both excluded, not {self.margin}")
        for name in ("least_rows", "candidates", "compare_rows"):
            if getattr(self, name) < 1:
                raise InputError(f"--{name.replace('_', '-')} is at least 1, not {getattr(self, name)}")
        return Gate(self.margin, self.least_rows, candidates=self.candidates)

    def evaluating(self) -> Evaluating:
        """The contract's form. Raises InputError for somebody that nobody can be compared with."""
        names = tuple(dict.fromkeys(name.strip() for name in (self.compare or "").split(",") if name.strip()))
        for name in names:
            if name != UNTUNED and "/" not in name.removeprefix(f"{FEW_SHOT}:"):
                raise InputError(f"--compare takes untuned or few-shot:PROVIDER/MODEL, not {name!r}")
            if name != UNTUNED and not name.startswith(f"{FEW_SHOT}:"):
                raise InputError(f"--compare takes untuned or few-shot:PROVIDER/MODEL, not {name!r}")
        if self.judge is not None and "/" not in self.judge:
            raise InputError(f"--judge takes PROVIDER/MODEL, not {self.judge!r}")
        return Evaluating(names, self.judge, self.compare_url, self.compare_rows)
