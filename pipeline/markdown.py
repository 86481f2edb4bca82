"""JSON values as Markdown for a person: intervals in a line, rows as tables, what is missing as "not measured"."""

from collections.abc import Mapping, Sequence
from typing import Any

NOT_MEASURED = "not measured"
MOST_ROWS = 60  # of a table


def value(found: object) -> str:
    """One value in a line."""
    if found is None:
        return NOT_MEASURED
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, float):
        return f"{found:.4g}"
    if isinstance(found, Mapping):
        return interval(found) if "value" in found else ", ".join(f"{key} {value(one)}" for key, one in found.items())
    if isinstance(found, Sequence) and not isinstance(found, str):
        return ", ".join(value(one) for one in found) or "none"
    return _cell(str(found))


def interval(found: Mapping[str, Any]) -> str:
    """An estimate with its range and what the range covers.

    >>> interval({"value": 0.9, "low": 0.85, "high": 0.94, "covers": "95% Wilson", "n": 200})
    '0.9 (0.85 to 0.94, 95% Wilson, n = 200)'
    """
    told = [f"{value(found.get('low'))} to {value(found.get('high'))}"] if found.get("low") is not None else []
    told += [str(found["covers"])] if found.get("covers") else []
    told += [f"n = {found['n']}"] if found.get("n") is not None else []
    return value(found["value"]) + (f" ({', '.join(told)})" if told else "")


def block(found: object) -> str:
    """A value of any depth: a table of rows, a table of names and values, or a line."""
    if isinstance(found, Mapping) and found and "value" not in found:
        return _table(["", ""], [(key, _inner(one)) for key, one in found.items()])
    if isinstance(found, Sequence) and not isinstance(found, str) and found and isinstance(found[0], Mapping):
        columns = list(dict.fromkeys(key for row in found for key in row))
        rows = [[value(row.get(column)) for column in columns] for row in found[:MOST_ROWS]]
        more = f"\n\n{len(found) - MOST_ROWS} more rows are in the evaluation." if len(found) > MOST_ROWS else ""
        return _table(columns, rows) + more
    return value(found)


def _inner(found: object) -> str:
    """In a table's cell: one level more, each entry on a line of its own."""
    if isinstance(found, Mapping) and "value" not in found and any(isinstance(one, Mapping) for one in found.values()):
        return "<br>".join(f"{_cell(str(key))}: {value(one)}" for key, one in found.items())
    return value(found)


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [
        "| " + " | ".join(_cell(str(one)) for one in columns) + " |",
        "| " + " | ".join("---" for _ in columns) + " |",
    ]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def _cell(text: str) -> str:
    """Text that cannot break a table or become markup."""
    plain = " ".join(text.split())
    for sign in ("|", "<", "*", "`", "[", "]"):
        plain = plain.replace(sign, f"\\{sign}" if sign != "<" else "&lt;")
    return plain
