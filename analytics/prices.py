"""What a token cost on a day: the user's prices, then prices added by hand, genai-prices, LiteLLM's map.

Prices are read from a committed snapshot, one file a provider, only for the providers asked for. A model
that is not listed has no row, so that its cost stays unknown; a listed 0 is a real price. A cache rate
that is not listed means the full input rate.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from analytics.errors import DataMissing, UnknownName
from analytics.price_adjust import Adjustment, read_adjustments
from analytics.price_names import GATEWAYS, canonical_provider, matches, spellings
from analytics.price_rows import rows_of, table_of
from analytics.price_table import Price, items, mapping, prices_of
from analytics.price_tiers import STANDARD
from analytics.price_user import UserPrice, read_document, read_user_prices
from analytics.workspace import SHIPPED, Workspace

SNAPSHOT = SHIPPED / "prices"


class Asked(NamedTuple):
    """A model whose price is asked for, as a log spells it."""

    provider: str | None
    model: str | None
    tier_key: str = STANDARD  # service tier


def newest_snapshot(workspace: Workspace) -> Path:
    """Folder of the newest prices that a workspace knows."""
    synced = sorted(workspace.price_history.glob("*/index.json"))
    return synced[-1].parent if synced else SNAPSHOT


class PriceBook:
    """Every known price. ``load`` reads the index alone; a provider's file is read when it is asked for."""

    def __init__(self, folder: Path, user: Iterable[UserPrice] = (), adjustments: Iterable[Adjustment] = ()) -> None:
        self._folder = folder
        self.adjustments = tuple(adjustments)
        self._user = tuple(user)
        self._added = read_user_prices(folder / "added.json", "added")
        self._files: dict[str, Mapping[str, object]] = {}

    @classmethod
    def load(cls, user_prices: Path | None = None, folder: Path = SNAPSHOT) -> "PriceBook":
        """The shipped snapshot, under the user's prices where that file exists. Raises DataMissing."""
        if user_prices is None:
            return cls(folder)
        return cls(folder, read_user_prices(user_prices), read_adjustments(read_document(user_prices), user_prices))

    @classmethod
    def of(cls, workspace: Workspace) -> "PriceBook":
        """What a workspace knows: its newest synced snapshot, else the shipped one, under the user's prices."""
        return cls.load(workspace.prices, newest_snapshot(workspace))

    @cached_property
    def _index(self) -> Mapping[str, object]:
        return _read(self._folder / "index.json")

    @property
    def snapshot_date(self) -> date:
        """The day on which the shipped prices were collected."""
        return date.fromisoformat(str(self._index["snapshot"]))

    @property
    def user_prices(self) -> tuple[UserPrice, ...]:
        """What a person set, in the order in which they did."""
        return self._user

    def without_calibration(self) -> "PriceBook":
        """The same prices and discounts, before any invoice corrected them."""
        kept = [one for one in self.adjustments if one.kind != "calibration"]
        return PriceBook(self._folder, self._user, kept)

    def providers(self) -> list[str]:
        """Providers of the snapshot."""
        return sorted(mapping(self._index["providers"]))

    def prices_for(self, provider: str | None, model: str) -> list[Price]:
        """Dated prices of a model, oldest first; empty when it is unknown."""
        canonical = canonical_provider(provider)
        prices = self._shipped(canonical, model)
        for layer in (self._added, self._user):
            prices = _overlaid(prices, _set_for(layer, canonical, model))
        return prices

    def rows_for(self, asked: Iterable[Asked | tuple[str | None, str | None]]) -> pa.Table:
        """Dated price rows of each provider, model and tier as a log spells them."""
        return table_of(
            row
            for one in dict.fromkeys(Asked(*each) for each in asked)
            if one.model
            for row in rows_of(
                one.provider, one.model, self.prices_for(one.provider, one.model), one.tier_key, self.adjustments
            )
        )

    def models(self, provider: str) -> list[str]:
        """Names under which the snapshot lists a provider's models. Raises UnknownName."""
        name = canonical_provider(provider)
        if name is None or name not in self.providers():
            raise UnknownName("provider", provider, self.providers())
        file = self._file(name)
        dated = [str(mapping(entry)["id"]) for entry in items(file.get("models"))]
        return sorted({*dated, *mapping(file.get("listed", {}))})

    def _shipped(self, provider: str | None, model: str) -> list[Price]:
        names = spellings(model)
        candidates = self._candidates(provider, names)
        listed = self._listed(candidates[0], names) if candidates else []
        for candidate in candidates:
            if prices := self._dated(candidate, names):
                return [price.with_tiers(listed[-1]) for price in prices] if listed else prices
        return listed

    def _candidates(self, provider: str | None, names: list[str]) -> list[str]:
        """Price files to look into: the provider's own, then those whose models it sells on."""
        providers = mapping(self._index["providers"])
        if provider is None or provider in GATEWAYS:
            provider = self._provider_of(names)
        if provider is None or provider not in providers:
            return []
        return [provider, *(str(name) for name in items(mapping(providers[provider]).get("fallback", [])))]

    def _provider_of(self, names: list[str]) -> str | None:
        """The provider that a name's own prefix or form tells, e.g. openai/gpt-4o or gpt-4o."""
        providers = mapping(self._index["providers"])
        if "/" in names[0] and (prefix := canonical_provider(names[0].split("/", 1)[0])) in providers:
            return prefix
        for name, entry in providers.items():
            clause = mapping(entry).get("model_match")
            if isinstance(clause, dict) and _is_family(clause, names[0]):
                return name
        return None

    def _dated(self, provider: str, names: list[str]) -> list[Price]:
        file = self._file(provider)
        for name in names:
            for entry in items(file.get("models")):
                model = mapping(entry)
                if name == str(model["id"]).lower() or matches(mapping(model["match"]), name):
                    return prices_of(model, f"{provider}/{model['id']}", self._source("genai-prices"))
        return []

    def _listed(self, provider: str, names: list[str]) -> list[Price]:
        listed = mapping(self._file(provider).get("listed", {}))
        for name in names:
            if name in listed:
                entry = mapping(listed[name])
                dated = items(entry.get("prices")) or [entry]
                return prices_of({"prices": dated}, f"{provider}/{name}", self._source("litellm"))
        return []

    def _source(self, package: str) -> str:
        return str(mapping(self._index["sources"])[package])

    def _file(self, provider: str) -> Mapping[str, object]:
        if provider not in self._files:
            self._files[provider] = _read(self._folder / f"{provider}.json")
        return self._files[provider]


def _set_for(entries: Iterable[UserPrice], provider: str | None, model: str) -> list[Price]:
    """Prices set for a model, oldest first; of two for the same day the later entry."""
    names = set(spellings(model))
    anyone = provider is None or provider in GATEWAYS
    found = {
        entry.price.effective_from: entry.price
        for entry in entries
        if entry.model in names and (anyone or provider == entry.provider)
    }
    return [found[start] for start in sorted(found)]


def _overlaid(below: list[Price], above: list[Price]) -> list[Price]:
    """What was known before the first price that is set, then what is set."""
    if not above:
        return below
    return [price for price in below if price.effective_from < above[0].effective_from] + above


def _is_family(clause: Mapping[str, object], name: str) -> bool:
    """A provider's own rule is a family of names (gpt-, claude), so here a rest is allowed."""
    (kind, rule) = next(iter(clause.items()))
    if kind == "or":
        return any(_is_family(mapping(part), name) for part in items(rule))
    text = str(rule).lower()
    if kind == "starts_with":
        return name.startswith(text)
    return text in name if kind == "contains" else matches(clause, name)


def _read(path: Path) -> Mapping[str, object]:
    if not path.exists():
        raise DataMissing(f"{path} is missing; the prices ship with spiritsafe, so reinstall it")
    return mapping(json.loads(path.read_text(encoding="utf-8")))
