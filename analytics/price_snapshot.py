"""Builds a snapshot of prices: one JSON file a provider, from the installed price packages or from files, no network.

    python -m analytics.price_snapshot [--date 2026-11-24]

genai-prices gives dated prices with matching rules; LiteLLM's map gives the models that it lacks. Both
are MIT. Only text models (chat, completion, embedding) are kept. Rates are USD per million tokens, as text.
"""

import argparse
import importlib.metadata
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from analytics.price_genai import dated_prices, installed_list, read_list
from analytics.price_litellm import Json, installed_map, listed_prices, read_map
from analytics.price_table import items, mapping
from analytics.terminal import progress
from analytics.workspace import SHIPPED


@dataclass(frozen=True)
class Sources:
    """Both lists as published, and what they call themselves."""

    genai: list[object]
    litellm: Mapping[str, object]
    names: Mapping[str, str]  # genai-prices and litellm, each with its version or its file


def find_sources(genai: Path | None = None, litellm: Path | None = None) -> Sources:
    """The files given, else the installed packages. Raises InputError, MissingExtra."""
    return Sources(
        genai=read_list(genai) if genai else installed_list(),
        litellm=read_map(litellm) if litellm else read_map(installed_map()),
        names={"genai-prices": _named("genai-prices", genai), "litellm": _named("litellm", litellm)},
    )


def _named(package: str, file: Path | None) -> str:
    return f"{package} {file.name}" if file else f"{package} {importlib.metadata.version(package)}"


def snapshot_files(sources: Sources, day: date) -> dict[str, Json]:
    """Every provider's file: dated models, and those that LiteLLM alone lists."""
    files = dated_prices(sources.genai, day)
    for provider, listed in listed_prices(sources.litellm).items():
        files.setdefault(provider, {"models": []})["listed"] = listed
    return files


def write_snapshot(out: Path, files: Mapping[str, Json], day: date, names: Mapping[str, str]) -> int:
    """Write every provider's file and the index; returns the number of models written."""
    out.mkdir(parents=True, exist_ok=True)
    for name, file in sorted(files.items()):
        shown = {key: value for key, value in file.items() if key != "index"}
        _write(out / f"{name}.json", {"provider": name, "snapshot": day.isoformat(), **shown})
    index = {name: file.get("index", {}) for name, file in files.items()}
    _write(out / "index.json", {"snapshot": day.isoformat(), "sources": dict(names), "providers": index})
    return sum(len(items(file.get("models"))) + len(mapping(file.get("listed"))) for file in files.values())


def build(out: Path, day: date) -> int:
    """Write the snapshot of the installed packages; returns the number of models written."""
    sources = find_sources()
    return write_snapshot(out, snapshot_files(sources, day), day, sources.names)


def _write(path: Path, value: Json) -> None:
    path.write_text(json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    """Command line of the snapshot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--date", type=date.fromisoformat, default=datetime.now(UTC).date())
    parser.add_argument("--out", type=Path, default=SHIPPED / "prices")
    arguments = parser.parse_args()
    progress.print(f"{build(arguments.out, arguments.date):,} models in {arguments.out}")


if __name__ == "__main__":
    main()
