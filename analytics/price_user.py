"""The prices that a person sets: one JSON file of the workspace, dated, appended to, never rewritten.

Each entry keeps its own first day, so what an old call cost stays what it was.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import filelock

from analytics.errors import InputError, WorkspaceBusy
from analytics.price_names import canonical_provider
from analytics.price_table import RATES, Price, Rate, items, mapping, price_of

HIGHEST_USD_PER_MILLION = Decimal(100_000)
LOCK_WAIT_S = 20.0


@dataclass(frozen=True)
class UserPrice:
    """A price that a person set; among entries for the same day the last one counts."""

    provider: str
    model: str
    price: Price


def read_user_prices(path: Path, source: str = "user") -> tuple[UserPrice, ...]:
    """Every entry in the order in which they were set; none when there is no file. Raises InputError."""
    return tuple(
        _user_price(entry, source, path, number)
        for number, entry in enumerate(items(read_document(path).get("prices")), 1)
    )


def append_user_price(
    path: Path, model: str, rates: Mapping[Rate, str], start: date | None, set_at: datetime
) -> dict[str, object]:
    """Add one dated entry and write the file anew in one step; returns the entry.

    model: PROVIDER/MODEL. rates: USD per million tokens, input and output at least.
    """
    provider, name = split_model(model)
    entry: dict[str, object] = {
        "provider": provider,
        "model": name,
        "from": start.isoformat() if start else None,
        "set_at": set_at.isoformat(timespec="seconds"),
        **{rate: format(_usd(rate, value), "f") for rate, value in rates.items()},
    }
    return append_entry(path, "prices", entry)


def append_entry(path: Path, kind: str, entry: dict[str, object]) -> dict[str, object]:
    """Add one entry of a kind (prices, discounts, calibrations) and write the file anew in one step."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with filelock.FileLock(f"{path}.lock", timeout=LOCK_WAIT_S):
            document = read_document(path)
            _replace(path, {"prices": [], **document, kind: [*items(document.get(kind)), entry]})
    except filelock.Timeout as error:
        raise WorkspaceBusy(f"{path} is being written by another process; try again when it has finished") from error
    return entry


def split_model(model: str) -> tuple[str, str]:
    """PROVIDER/MODEL as the price list names both. Raises InputError."""
    provider, _, name = model.strip().lower().partition("/")
    canonical = canonical_provider(provider)
    if not canonical or not name:
        raise InputError(f"a price is set for PROVIDER/MODEL, e.g. openai/gpt-4o, not {model!r}")
    return canonical, name


def _usd(rate: str, value: object) -> Decimal:
    """A rate in USD per million tokens, or an error that says which and why."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise InputError(f"the {rate} price takes USD per million tokens, not {value!r}") from None
    if not amount.is_finite() or not 0 <= amount <= HIGHEST_USD_PER_MILLION:
        raise InputError(
            f"the {rate} price takes USD per million tokens from 0 to {HIGHEST_USD_PER_MILLION:,}, not {value}"
        )
    return amount


def read_document(path: Path) -> Mapping[str, object]:
    """The whole price file; empty when there is none. Raises InputError."""
    if not path.exists():
        return {}
    try:
        return mapping(json.loads(path.read_text(encoding="utf-8")))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not JSON ({error}); mend it or move it away") from error


def _user_price(entry: object, source: str, path: Path, number: int) -> UserPrice:
    fields = mapping(entry)
    try:
        provider, name = split_model(f"{fields['provider']}/{fields['model']}")
        for rate in RATES:
            if rate in fields or rate in ("in", "out"):
                _usd(rate, fields[rate])
        return UserPrice(provider, name, price_of(fields, f"{provider}/{name}", source))
    except (InputError, KeyError, ValueError) as error:
        raise InputError(f"{path}, price {number}: {error}") from error


def _replace(path: Path, document: Mapping[str, object]) -> None:
    """Write beside, sync, rename: a crash leaves the old file or the new one, never half of one."""
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
