"""Each step of training as one JSON line in the run's folder: loss, learning rate, speed, money, time left."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

FILE = "events.jsonl"
SHOWN = 20  # newest steps that ``runs show`` reads
LINE_BYTES = 600  # more than one event takes


def newest_events(folder: Path, count: int = SHOWN) -> list[dict[str, Any]]:
    """The last steps of a run, oldest first; a line that is being written is left out."""
    found: list[dict[str, Any]] = []
    with suppress(OSError), (folder / FILE).open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - count * LINE_BYTES))
        for line in file.read().splitlines()[-count - 1 :]:
            with suppress(ValueError):
                found.append(json.loads(line))
    return found[-count:]


def thinned(folder: Path, points: int) -> list[dict[str, Any]]:
    """Every how-manieth step so that about ``points`` are left, the newest among them; oldest first."""
    try:
        lines = (folder / FILE).read_bytes().splitlines()
    except OSError:
        return []
    kept = lines[:: max(1, len(lines) // points)]
    found: list[dict[str, Any]] = []
    for line in [*kept, *(lines[-1:] if lines and kept[-1] is not lines[-1] else [])]:
        with suppress(ValueError):  # the newest may be half written
            found.append(json.loads(line))
    return found


def append(path: Path, event: dict[str, Any]) -> None:
    """One line."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(event) + "\n")
