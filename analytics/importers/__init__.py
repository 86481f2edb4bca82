"""Log sources, one module each. A module is found by being here; nothing else lists it.

An importer turns one decoded row into the fields of ``contracts.CALLS`` that it knows, or raises
``RowError``. It declares how its source counts tokens and whether its naive timestamps mean UTC.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from analytics.errors import UnknownName

HELPERS = ("fields", "shapes")
Row = Mapping[str, Any]
Fields = dict[str, Any]


@dataclass(frozen=True)
class Importer:
    """One log source."""

    name: str
    describe: str  # one line for a person
    token_convention: Literal["inclusive", "exclusive", "disjoint"]
    naive_time_is_utc: bool  # does the source write UTC without saying so?
    recognise: Callable[[Row], float]  # 0..1: how sure is it that a row is its own?
    read: Callable[[Row], Fields]  # raises RowError


@cache
def importers() -> dict[str, Importer]:
    """Every importer by name, in a stable order."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in HELPERS)
    found = [importlib.import_module(f"{__name__}.{name}").IMPORTER for name in names]
    return {importer.name: importer for importer in found}


def find_importer(name: str) -> Importer:
    """The importer called ``name``; UnknownName lists the others."""
    try:
        return importers()[name]
    except KeyError:
        raise UnknownName("log format", name, importers()) from None
