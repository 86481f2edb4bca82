"""The flags that say what a student learns from, and what is allowed: shared by ``plan`` and ``ladder``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from analytics.errors import InputError
from pipeline.contracts import PairsSource
from pipeline.plan import Recipe


@Parameter(name="*")
@dataclass(frozen=True)
class PairsFlags:
    """Labelled pairs to learn from instead of a log."""

    pairs: Annotated[Path | None, Parameter(help="Labelled pairs instead of a log: JSONL, CSV or Parquet.")] = None
    input: Annotated[str | None, Parameter(help="Column of the pairs that the student will read.")] = None
    output: Annotated[str | None, Parameter(help="Column of the pairs that the student shall answer.")] = None
    gold: Annotated[str | None, Parameter(help="Column with the answer known to be right, where there is one.")] = None
    test: Annotated[Path | None, Parameter(help="Your own test set, with the same columns.")] = None

    def source(self) -> PairsSource | None:
        """The contract's form; None without pairs. Raises InputError that names the flag."""
        if self.pairs is None:
            given = {"--input": self.input, "--output": self.output, "--gold": self.gold, "--test": self.test}
            if named := [name for name, value in given.items() if value is not None]:
                raise InputError(f"{', '.join(named)} goes with --pairs FILE")
            return None
        if self.input is None or self.output is None:
            raise InputError("--pairs needs --input COLUMN and --output COLUMN")
        return PairsSource(str(self.pairs), self.input, self.output, self.gold, str(self.test) if self.test else None)


@Parameter(name="*")
@dataclass(frozen=True)
class LimitFlags:
    """What may be paid, risked and read."""

    cap: Annotated[float | None, Parameter(help="Most that the run may pay others [USD].")] = None
    alpha: Annotated[float, Parameter(help="Share of wrong answers allowed among those that the student serves.")] = (
        Recipe.alpha
    )
    delta: Annotated[float, Parameter(help="Chance allowed that this bound is broken.")] = Recipe.delta
    max_rows: Annotated[int, Parameter(help="Newest rows that the run reads.")] = Recipe.max_rows
    seed: Annotated[int, Parameter(help="Seed of everything random.")] = Recipe.seed
