"""The flags of ``import`` and ``brief`` that belong together, with their help."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


@Parameter(name="*")
@dataclass(frozen=True)
class LogFlags:
    """How a log is to be read."""

    format: Annotated[
        str | None, Parameter(help="Name of the log format, where it cannot be told from the content.")
    ] = None
    sample_rate: Annotated[float, Parameter(help="Share of the calls that the log holds: 0.01 for a 1 % sample.")] = 1.0
    map: Annotated[
        Path | None,
        Parameter(help="TOML file that says which column of a log of your own means what; see docs/importing.md."),
    ] = None
    date: Annotated[
        datetime | None,
        Parameter(help="When the calls were made, for logs that carry no time (batch results); else the file's date."),
    ] = None
    redact: Annotated[
        bool,
        Parameter(
            help="Replace e-mail addresses, numbers of phones, cards and accounts, IP addresses and keys by tokens "
            "before anything is stored. --no-redact keeps them; that is recorded with the import."
        ),
    ] = True
    engine: Annotated[
        str,
        Parameter(
            help="local, or ray: large files are read by the cluster of RAY_ADDRESS, which must see them under the "
            "same paths."
        ),
    ] = "local"

    @property
    def made_at(self) -> datetime | None:
        """The day in UTC where no zone was given."""
        return self.date and (self.date if self.date.tzinfo else self.date.replace(tzinfo=UTC))


@Parameter(name="*")
@dataclass(frozen=True)
class TryOut:
    """Assumptions of one task to try, and to keep."""

    set_: Annotated[
        list[str] | None,
        Parameter(
            name="--set",
            consume_multiple=True,
            negative="",
            help="NAME=VALUE or NAME=LOW:VALUE:HIGH: assumptions to try; names are in docs/assumptions.md.",
        ),
    ] = None
    save: Annotated[
        bool, Parameter(help="Keep what --set says for this task, with your name and the time. It counts from then on.")
    ] = False
    why: Annotated[str, Parameter(help="The reason, kept beside it.")] = ""
