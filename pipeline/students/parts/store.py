"""A head on disk: arrays in one npz, everything else in JSON. No code travels with the weights."""

import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

import numpy as np

from analytics.errors import DataMissing
from pipeline.contracts import Features
from pipeline.students.parts.confidence import SIGNALS, Confidence
from pipeline.students.parts.features import Reader
from pipeline.students.parts.grams import Grams
from pipeline.students.parts.linear import Linear
from pipeline.students.parts.memory import Memory
from pipeline.template import Template

FORMAT = 2  # 2: strangeness is measured to the ten nearest lessons, no more to the nearest alone
ARRAYS, VOCABULARY, CARD = "head.npz", "vocabulary.json", "student.json"


@dataclass(frozen=True)
class Parts:
    """What a head is made of."""

    labels: list[str]  # sorted
    reader: Reader
    linear: Linear
    memory: Memory
    memory_floor: float  # overlap from which the memory answers instead of the classifier
    confidence: Confidence


def write_parts(folder: Path, parts: Parts, card: str = CARD) -> None:
    """Three files; the same parts give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    reader, linear, memory, confidence = parts.reader, parts.linear, parts.memory, parts.confidence
    np.savez(
        folder / ARRAYS,
        idf=reader.grams.idf,
        centre=reader.centre,
        landmarks=reader.landmarks,
        projection=reader.projection,
        gram_weights=linear.gram_weights.astype(np.float16),
        dense_weights=linear.dense_weights.astype(np.float16),
        offsets=linear.offsets,
        memory_vectors=memory.vectors.astype(np.float16),
        memory_labels=memory.labels,
        memory_forms=memory.forms,
        memory_piece_starts=memory.piece_starts,
        memory_pieces=memory.pieces,
        confidence_centres=confidence.centres,
        confidence_scales=confidence.scales,
        confidence_weights=confidence.weights,
    )
    (folder / VOCABULARY).write_text(json.dumps(list(reader.grams.vocabulary), ensure_ascii=False))
    (folder / card).write_text(json.dumps(_card(parts), ensure_ascii=False, indent=1, sort_keys=True))


def _card(parts: Parts) -> dict[str, object]:
    return {
        "kind": "head",
        "format": FORMAT,
        "features": parts.reader.kind,
        "labels": parts.labels,
        "template": asdict(parts.reader.template),
        "memory_floor": parts.memory_floor,
        "confidence_offset": parts.confidence.offset,
        "coarse_width": parts.memory.coarse_width,
        "signals": list(SIGNALS),
    }


def read_parts(folder: Path, card_name: str = CARD) -> Parts:
    """The parts as they were written. Raises DataMissing for another format or a half-written folder."""
    try:
        card = json.loads((folder / card_name).read_text())
        names = json.loads((folder / VOCABULARY).read_text())
        arrays = _read_arrays(folder / ARRAYS)
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise DataMissing(f"the student in {folder} cannot be read: {error}") from error
    if card.get("format") != FORMAT or card.get("signals") != list(SIGNALS):
        raise DataMissing(f"the student in {folder} was written by another version; train it again")
    return Parts(
        card["labels"],
        _reader(card, names, arrays),
        Linear(_wide(arrays["gram_weights"]), _wide(arrays["dense_weights"]), arrays["offsets"]),
        _memory(card, arrays),
        float(card["memory_floor"]),
        Confidence(
            arrays["confidence_centres"],
            arrays["confidence_scales"],
            arrays["confidence_weights"],
            float(card["confidence_offset"]),
        ),
    )


def _read_arrays(path: Path) -> dict[str, np.ndarray]:
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _reader(card: dict[str, object], names: list[str], arrays: dict[str, np.ndarray]) -> Reader:
    return Reader(
        cast(Features, card["features"]),
        Template(**cast(dict[str, str], card["template"])),
        Grams({name: place for place, name in enumerate(names)}, arrays["idf"]),
        arrays["centre"],
        arrays["landmarks"],
        arrays["projection"],
    )


def _memory(card: dict[str, object], arrays: dict[str, np.ndarray]) -> Memory:
    return Memory(
        _wide(arrays["memory_vectors"]),
        cast(int, card["coarse_width"]),
        arrays["memory_labels"],
        arrays["memory_forms"],
        arrays["memory_piece_starts"],
        arrays["memory_pieces"],
    )


def _wide(half: np.ndarray) -> np.ndarray:
    return half.astype(np.float32)
