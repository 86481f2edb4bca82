"""When the vendor takes a teacher off its API, where data/prices/retirements.toml knows it. Unknown is None."""

import re
import tomllib
from functools import cache
from typing import Any

from analytics.workspace import SHIPPED

SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")


def retires_on(provider: str | None, model: str) -> str | None:
    """ISO day on which the vendor's own API stops serving a model; None where no day is known.

    provider: as the log gives it; a host other than the vendor keeps a schedule of its own, so it gets no day.

    >>> retires_on("openai", "gpt-4o-2024-08-06"), retires_on("azure", "gpt-4o"), retires_on(None, "gpt-6-sol")
    ('2027-01-14', None, None)
    """
    known, name = _known(), model.lower()
    vendor, slash, bare = name.partition("/")
    if slash and vendor in known:  # as LiteLLM writes it: openai/gpt-4o
        provider, name = provider or vendor, bare
    given = (provider or "").lower()
    days = {given: known.get(given, {})} if given else known
    found = [day for models in days.values() if (day := _day(models, name))]
    return found[0] if found else None


def _day(models: dict[str, str], name: str) -> str | None:
    base = name.split(":")[1] if name.startswith("ft:") and name.count(":") else name
    return models.get(base) or models.get(SNAPSHOT.sub("", base))


@cache
def _known() -> dict[str, dict[str, str]]:
    """By vendor and model: ISO day."""
    found: dict[str, Any] = tomllib.loads((SHIPPED / "prices" / "retirements.toml").read_text())
    return {
        vendor: {model: entry["on"].isoformat() for entry in entries for model in entry["models"]}
        for vendor, entries in found.items()
    }
