"""What a page is made of: facts, dated sentences, tables. Plain text, no markup."""

from dataclasses import dataclass
from typing import NamedTuple


class Fact(NamedTuple):
    """A value with its name and, where there is one, its range or source."""

    label: str
    value: str
    note: str = ""


class Dated(NamedTuple):
    """A sentence and the day on which it is foretold; None: nobody can say when."""

    on: str | None
    sentence: str


@dataclass(frozen=True)
class Table:
    """Rows of text under a caption; the first column names the row."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
