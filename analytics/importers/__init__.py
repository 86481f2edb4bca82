"""Log sources, one module each. A module is found by being here; nothing else lists it.

An importer turns one decoded row into the fields of ``contracts.CALLS`` that it knows, or raises
``RowError``. It declares how its source counts tokens and whether its naive timestamps mean UTC.
What else a source may need is optional: a record that holds several rows, rows that lean on each
other, spans inside spans, requests kept in a file of their own.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple

from analytics.errors import InputError, UnknownName

HELPERS = ("bodies", "decode", "envelope", "fields", "nesting", "shapes")
Row = Mapping[str, Any]
Fields = dict[str, Any]
Convention = Literal["inclusive", "exclusive", "disjoint"]


class Link(NamedTuple):
    """Where a row stands among the rows of a trace."""

    id: str
    parent_id: str | None
    is_call: bool  # might it be billed?
    has_usage: bool = False
    is_border: bool = False  # a tool: a call below it is no repetition of the call above it


@dataclass(frozen=True)
class Importer:
    """One log source."""

    name: str
    describe: str  # one line for a person
    token_convention: Convention
    naive_time_is_utc: bool  # does the source write UTC without saying so?
    recognise: Callable[[Row], float]  # 0..1: how sure is it that a row is its own?
    read: Callable[[Row], Fields]  # raises RowError
    has_times: bool = True  # False: rows without a time get the file's own
    expand: Callable[[Row], Iterable[Row]] | None = None  # the rows that one record holds
    gather: Callable[[Sequence[Row]], Sequence[Row]] | None = None  # all rows of a file, as many and in order
    link: Callable[[Row], Link | None] | None = None  # for sources whose rows lie inside each other
    request_of: Callable[[Row], Any] | None = None  # the request that a row of a neighbouring file holds
    configure: Callable[[Mapping[str, Any]], "Importer"] | None = None  # the same importer with a user's map


@cache
def importers() -> dict[str, Importer]:
    """Every importer by name, in a stable order."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in HELPERS)
    found = [importlib.import_module(f"{__name__}.{name}").IMPORTER for name in names]
    return {importer.name: importer for importer in found}


def find_importer(name: str, columns: Mapping[str, Any] | None = None) -> Importer:
    """The importer called ``name``, set up with a user's map where one is given; UnknownName lists the others."""
    try:
        found = importers()[name]
    except KeyError:
        raise UnknownName("log format", name, importers()) from None
    if columns is None:
        return found
    if found.configure is None:
        raise InputError(f"--map belongs to --format generic; {name} knows its own columns")
    return found.configure(columns)
