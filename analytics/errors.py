"""The errors a person can act on. Anything else is a bug and keeps its traceback.

SpiritsafeError            exit 1
├── InputError             exit 2   an option or a setting; says which and how to fix it
│   └── UnknownName        exit 2   lists the known names
├── DataMissing            exit 3   a file or a step that should have come first
├── DoesNotFit             exit 3   the machine is too small; says what would fit
├── CheckFailed            exit 1   a query of sql/checks returned rows
├── QualityGateFailed      exit 4   the student, the teacher or the data is not good enough
├── BudgetReached          exit 5   a spending cap stopped the work
├── WorkspaceBusy          exit 6   another process holds the lock or the lease
└── MissingExtra           exit 1   names the extra to install
"""

from collections.abc import Iterable


class SpiritsafeError(Exception):
    """A failure whose message tells a person what is wrong, where, and what to do."""

    exit_code = 1


class InputError(SpiritsafeError):
    """An option, a setting or a value that cannot be used."""

    exit_code = 2


class UnknownName(InputError):
    """A name that is not known, shown beside those that are."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        shown = ", ".join(sorted(known)) or "none yet"
        super().__init__(f"no {kind} is called {name!r}; there are: {shown}")


class DataMissing(SpiritsafeError):
    """Data that should be there and is not, is empty, cannot be read, or is stale."""

    exit_code = 3


class DoesNotFit(SpiritsafeError):
    """Work that the machine has no room for; the message says what would fit."""

    exit_code = 3


class CheckFailed(SpiritsafeError):
    """A claim about the data does not hold; the message shows the first bad rows."""


class QualityGateFailed(SpiritsafeError):
    """The work stopped because the result would not have been good enough."""

    exit_code = 4


class BudgetReached(SpiritsafeError):
    """A spending cap stopped the work; what was paid for is kept."""

    exit_code = 5


class WorkspaceBusy(SpiritsafeError):
    """Another process holds what this one needs."""

    exit_code = 6


class MissingExtra(SpiritsafeError):
    """An optional dependency is not installed."""

    def __init__(self, module: str, extra: str) -> None:
        super().__init__(f"{module} is not installed; install it with: pip install 'spiritsafe[{extra}]'")
