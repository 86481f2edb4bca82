"""Does an exported student say what was evaluated? Merged weights, quantised weights or a server on the same rows.

Answers are compared in plain form. The share of equal ones must be shown above 1 - margin, by exact limits (Clopper
and Pearson 1934); a quantised student that differs on more was not the one that was evaluated.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics.errors import InputError
from pipeline.contracts import Gate
from pipeline.evaluation.gate import Check, share_above
from pipeline.evaluation.paired import effective_rows

EXAMPLES = 5


@dataclass(frozen=True)
class Parity:
    """What was evaluated beside what came out elsewhere."""

    check: Check
    equal: int
    n: int
    independent_rows: float  # what the rows are worth when near-duplicates count once
    missing: int  # evaluated rows without an answer elsewhere: not compared
    differing: list[str]  # call ids of the first that differ

    @property
    def sentence(self) -> str:
        """In words."""
        said = {True: "is in parity", False: "is not in parity", None: "cannot be judged yet"}[self.check.passed]
        return f"{said} ({self.check.why})"


def parity(
    call_ids: Sequence[str],
    evaluated: Sequence[str],
    elsewhere: Mapping[str, str],
    groups: Sequence[int],
    rule: Gate,
) -> Parity:
    """Compare two sets of outputs by call; the parity check of the gate."""
    rows = [row for row in zip(call_ids, evaluated, groups, strict=True) if row[0] in elsewhere]
    same = [is_equal(said, elsewhere[call_id]) for call_id, said, _ in rows]
    differing = [row[0] for row, equal in zip(rows, same, strict=True) if not equal]
    check = share_above("equal answers", sum(same), len(rows), 1 - rule.margin, rule)
    worth = effective_rows([group for _, _, group in rows])
    return Parity(check, sum(same), len(rows), worth, len(call_ids) - len(rows), differing[:EXAMPLES])


def is_equal(one: str, other: str) -> bool:
    """Equal texts, or JSON of equal content whatever its key order and white space."""
    if one.strip() == other.strip():
        return True
    mine, theirs = _content(one), _content(other)
    return mine is not None and mine == theirs


def _content(answer: str) -> str | None:
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    return json.dumps(found, sort_keys=True) if isinstance(found, (dict, list)) else None


def read_outputs(path: Path) -> dict[str, str]:
    """``{"call_id": …, "output": …}``, one JSON line a row. Raises InputError with the line that is none."""
    if not path.is_file():
        raise InputError(f"{path} is no file; it should hold one JSON line a row with call_id and output")
    found: dict[str, str] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip():
            row = _row(line, f"{path}, line {number}")
            found[row["call_id"]] = row["output"]
    if not found:
        raise InputError(f"{path} holds no rows")
    return found


def _row(line: str, where: str) -> dict[str, str]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise InputError(f"{where}: not JSON") from error
    if not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in ("call_id", "output")):
        raise InputError(f'{where}: should be {{"call_id": "…", "output": "…"}}')
    return row
