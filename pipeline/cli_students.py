"""``spiritsafe students`` and ``spiritsafe replay``: the students that were made, and what they are worth."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter
from rich.console import Console

from analytics.terminal import Common, emit, table, to_json
from pipeline import cli_parity, registry
from pipeline.retiring import with_retirements
from pipeline.tabular import STDIN, column_text, read_rows

NOT_FOR_A_SCREEN = (
    "per_class",
    "slices",
    "files",
    "gold",
    "baselines",
    "funnel",
    "metrics",
    "comparisons",
    "calibration_scores",
    "failure_modes",
    "learning_curve",
)
BATCH = 256  # rows answered together; from standard input each row is answered as it comes


def app() -> App:
    """The command group."""
    group = App(name="students", help="Students: list, show, answer, export, card, parity.")
    group.command(list_, name="list")
    group.command(show)
    group.command(answer)
    group.command(export)
    group.command(card)
    group.command(cli_parity.parity)
    return group


def list_(*, common: Common | None = None) -> None:
    """Every student, newest first."""
    common = common or Common()
    cards = [with_retirements(common.workspace, card) for card in registry.list_students(common.workspace)]
    columns = ["student", "task", "agreement", "coverage", "p50 ms", "MB", "made", "flag"]
    rows = [_line(card) for card in cards]
    emit(common, cards, lambda console: table(console, "Students", columns, rows))


def _line(card: registry.Card) -> tuple[object, ...]:
    judged = _value(card["agreement"]), _value(card["coverage"])
    measured = f"{card['latency_ms']['p50']:.1f}", f"{card['bytes'] / 1e6:.1f}"
    return card["student_id"], card["task"], *judged, *measured, card["created_at"][:10], _flag(card)


def _flag(card: registry.Card) -> str | None:
    """Whether it only compared bases; what it rests on and will go first."""
    if registry.is_probe(card):
        return "probe"
    first = next(iter(card["retirements"]), None)
    return f"{first['what']} {first['name']} retires {first['on']}" if first else None


def show(student_id: str, /, *, common: Common | None = None) -> None:
    """The card of one student; its files are verified first.

    Parameters
    ----------
    student_id
        The student, as `spiritsafe students` lists it.
    """
    common = common or Common()
    card = with_retirements(common.workspace, registry.show_student(common.workspace, student_id))
    emit(common, card, lambda console: _draw_card(console, card))


def answer(
    student_id: str,
    /,
    *,
    file: Annotated[str, Parameter(allow_leading_hyphen=True)],
    input: str,
    common: Common | None = None,
) -> None:
    """Answer every row of a file: one JSON line a row, in order.

    Parameters
    ----------
    student_id
        The student.
    file
        JSONL, CSV or Parquet; - reads JSONL from standard input.
    input
        Column that the student reads.
    """
    from pipeline.loaded import open_student

    common = common or Common()
    loaded = open_student(common.workspace, student_id)
    for texts in _batches(file, input):
        for routed in loaded.route(texts):
            sys.stdout.write(to_json(routed.as_json()) + "\n")
        sys.stdout.flush()


def export(
    student_id: str,
    /,
    *,
    format: str,
    to: Path,
    precision: str = "f16",
    quantise: str | None = None,
    common: Common | None = None,
) -> None:
    """Write a student in a form that other programs read.

    Parameters
    ----------
    student_id
        The student.
    format
        safetensors (adapters), merged (a folder for transformers or vLLM), gguf (llama.cpp), onnx (head, encoder).
    to
        New folder.
    precision
        Of a GGUF: f32 or f16.
    quantise
        Of a GGUF: a type of llama-quantize, such as Q4_K_M, where that is installed.
    """
    from pipeline.exports import Wish
    from pipeline.exports import export as write

    common = common or Common()
    made = write(common.workspace, student_id, format, to, Wish(precision, quantise))
    rows = [(name, digest[:16]) for name, digest in made.files.items()]
    title = f"{made.student_id} as {made.format}: {made.bytes / 1e6:,.1f} MB in {made.folder}"
    emit(common, made, lambda console: _draw_export(console, title, rows, made.notes))


def _draw_export(console: Console, title: str, rows: list[tuple[str, str]], notes: list[str]) -> None:
    table(console, title, ["file", "sha256"], rows)
    for note in notes:
        console.print(note, soft_wrap=True, markup=False)


def card(student_id: str, /, *, to: Path | None = None, common: Common | None = None) -> None:
    """The model card in Markdown: everything needed to judge the student and to make it again.

    Parameters
    ----------
    student_id
        The student.
    to
        File to write; standard output when left out.
    """
    from pipeline.model_card import model_card

    common = common or Common()
    text = model_card(common.workspace, student_id)
    if to is not None:
        to.write_text(text, "utf-8")
    shown = {"student_id": student_id, "file": str(to) if to else None, "markdown": text}
    emit(common, shown, lambda console: console.print(f"written to {to}" if to else text, markup=False, soft_wrap=True))


def _batches(file: str, column: str) -> Iterator[list[str]]:
    size = 1 if file == STDIN else BATCH
    batch: list[str] = []
    for number, row in enumerate(read_rows(file), start=1):
        batch.append(column_text(row, column, f"{file}, row {number}") or "")
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def replay(student_id: str, /, *, common: Common | None = None) -> None:
    """Let a student answer the newest weeks of its task's log, on paper: quality, coverage, savings.

    Parameters
    ----------
    student_id
        The student.
    """
    from pipeline.replay import replay_student

    common = common or Common()
    made = replay_student(common.workspace, student_id).as_json()
    emit(common, made, lambda console: _draw_replay(console, made))


def ledger(student_id: str | None = None, /, *, common: Common | None = None) -> None:
    """Quality and savings by week and in total, as replays found them.

    Parameters
    ----------
    student_id
        One student; all of them when left out.
    """
    from pipeline.replay_record import read_ledger

    common = common or Common()
    found = read_ledger(common.workspace, student_id)
    columns = ["student", "period", "calls", "served", "agreed", "teacher $", "hybrid $", "saved $"]
    rows = [_ledger_line(row) for row in found]
    emit(common, found, lambda console: table(console, "Ledger", columns, rows))


def _ledger_line(row: dict[str, Any]) -> tuple[object, ...]:
    period = "all weeks" if row["scope"] == "total" else row["from"][:10]
    money = (f"{row[name]:,.0f}" for name in ("teacher_cost_usd", "hybrid_cost_usd", "net_saving_usd"))
    return row["student_id"], period, row["calls"], row["student_calls"], _value(row["agreement"]), *money


def _value(interval: dict[str, Any] | None) -> str:
    return "unscored" if interval is None else f"{interval['value']:.1%}"


def _draw_card(console: Console, card: dict[str, Any]) -> None:
    rows = [(name, _short(value)) for name, value in card.items() if name not in NOT_FOR_A_SCREEN]
    table(console, f"Student {card['student_id']}", ["", ""], rows)
    console.print(f"With --json also: {', '.join(NOT_FOR_A_SCREEN)}")


def _draw_replay(console: Console, made: dict[str, Any]) -> None:
    saving, interval = made["net_saving_usd"], made["net_saving_interval"]
    between = f" ({interval['low']:,.0f} to {interval['high']:,.0f})" if interval else ""
    rows = [
        ("calls replayed", f"{made['calls']:,}, {made['from'][:10]} to {made['to'][:10]}"),
        ("served by the student", f"{made['student_calls']:,} ({made['coverage']:.1%} of traffic)"),
        ("agreement on those", _share(made["agreement"])),
        ("net saving a month", f"${saving:,.0f}{between}"),
        ("not counted", made["not_counted"]),
        ("student p50 / p95 ms", f"{made['student_ms_p50']:.1f} / {made['student_ms_p95']:.1f}"),
        ("teacher p50 / p95 ms", f"{_whole(made['teacher_ms_p50'])} / {_whole(made['teacher_ms_p95'])}"),
    ]
    table(console, f"Replay of {made['student_id']} on {made['task']}", ["", ""], rows)


def _share(interval: dict[str, Any] | None) -> str:
    if interval is None:
        return "unscored"
    low, high = interval.get("low"), interval.get("high")
    return f"{interval['value']:.1%}" + ("" if low is None or high is None else f" ({low:.1%} to {high:.1%})")


def _whole(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def _short(value: object) -> str:
    if isinstance(value, dict) and {"value", "low", "high"} <= value.keys():
        return _share(value)
    if isinstance(value, dict) and "sentence" in value:
        return str(value["sentence"])
    return value if isinstance(value, str) else to_json(value)
