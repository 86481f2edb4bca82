"""What every command shares: flags, output, exit codes.

stdout is data, stderr is progress. ``--json`` prints one JSON document; a table is for people.
"""

import dataclasses
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from analytics.workspace import Workspace, find_home

progress = Console(stderr=True, highlight=False)


@Parameter(name="*")
@dataclass(frozen=True)
class Common:
    """Flags that every command takes."""

    home: Annotated[Path | None, Parameter(env_var="SPIRITSAFE_HOME")] = None
    """Folder of the workspace [default: ./workspace]."""
    json: Annotated[bool, Parameter(negative="")] = False
    """Print one JSON document on stdout instead of a table."""

    @property
    def workspace(self) -> Workspace:
        """The workspace that the flags name."""
        return Workspace(find_home(self.home))


def to_json(value: object) -> str:
    """A JSON document: ISO dates, decimal money as a number, NaN and unknown as null."""
    return json.dumps(plain(value), ensure_ascii=False)


def plain(value: Any) -> Any:
    """Dataclasses, enums, decimals, dates and paths as plain JSON values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "item"):  # numpy scalars
        return _scalar(value.item())
    return value


def emit(common: Common, value: object, show: Callable[[Console], None]) -> None:
    """Print ``value`` as JSON when asked, else let ``show`` draw it for a person."""
    if common.json:
        sys.stdout.write(to_json(value) + "\n")
    else:
        show(Console(highlight=False))


def table(console: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """One table; numbers to the right, text to the left."""
    drawn = Table(title=title, title_justify="left", header_style="bold")
    for index, column in enumerate(columns):
        numeric = bool(rows) and all(
            isinstance(row[index], int | float | Decimal) or _looks_numeric(row[index]) for row in rows
        )
        drawn.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*("–" if cell is None else str(cell) for cell in row))
    console.print(drawn)


def _looks_numeric(cell: object) -> bool:
    return cell is None or (
        isinstance(cell, str) and cell[:1] in "0123456789$-–<" and any(c.isdigit() for c in cell + "0")
    )


@contextmanager
def quiet_pipe() -> Iterator[None]:
    """A reader that closes the pipe early (``| head``) is not an error."""
    try:
        yield
    except BrokenPipeError:
        sys.stderr.close()
