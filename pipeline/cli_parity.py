"""``spiritsafe students parity``: does what was exported, quantised or served say what was evaluated?"""

from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from analytics.errors import InputError
from analytics.terminal import Common, emit, table


def parity(
    student_id: str, /, *, against: Path | None = None, write_inputs: Path | None = None, common: Common | None = None
) -> int:
    """Compare outputs made elsewhere with those that were evaluated, on the same rows; ends with 4 where they differ.

    Parameters
    ----------
    student_id
        The student.
    against
        JSON lines with call_id and output: what the merged, quantised or served student said.
    write_inputs
        Write the rows to be answered to this file, as JSON lines with call_id and input.
    """
    from pipeline import evaluated
    from pipeline.evaluation.parity import parity as compare
    from pipeline.evaluation.parity import read_outputs

    common = common or Common()
    if (against is None) == (write_inputs is None):
        raise InputError("give --against FILE with outputs, or --write-inputs FILE for the rows to be answered")
    found = evaluated.open_evaluated(common.workspace, student_id)
    if write_inputs is not None:
        evaluated.write_inputs(found.compared, write_inputs)
        written = {"rows": len(found.compared.inputs), "file": str(write_inputs)}
        emit(common, written, lambda console: console.print(f"{written['rows']:,} rows in {written['file']}"))
        return 0
    assert against is not None
    rows = found.compared
    made = compare(rows.call_ids, rows.said, read_outputs(against), rows.groups, found.spec.gate)
    emit(
        common,
        asdict(made) | {"sentence": made.sentence},
        lambda console: _draw(console, student_id, asdict(made), made.sentence),
    )
    return 4 if made.check.passed is False else 0


def _draw(console: Console, student_id: str, made: dict[str, object], sentence: str) -> None:
    rows = [(name, str(made[name])) for name in ("equal", "n", "missing")]
    table(console, f"Parity of {student_id}", ["", ""], rows)
    console.print(f"It {sentence}", soft_wrap=True)
