"""How a run is started: where, on how many GPUs, and who else is told how it goes. No part of what the run makes."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from analytics.errors import InputError, UnknownName
from pipeline import launchers, trackers
from pipeline.artifacts import read_json, write_json

FILE = "launch.json"


@dataclass(frozen=True)
class LaunchOptions:
    """Choices of ``launch``; kept in the run's folder, so that resuming makes the same ones."""

    launcher: str = "local"
    gpus: int = 1  # processes that train together (launcher torchrun)
    report_to: tuple[str, ...] = ()  # trackers by name
    usd_per_hour: float | None = None  # rent of the machine; None: not known, so no money of it is counted
    is_forced: bool = False  # start although the memory is predicted not to suffice

    def save(self, folder: Path) -> None:
        """Into the run's folder."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_json(folder / FILE, asdict(self))


def launch_options(
    launcher: str, gpus: int, report_to: tuple[str, ...], usd_per_hour: float | None, is_forced: bool
) -> LaunchOptions:
    """Checked choices. Raises UnknownName, InputError or MissingExtra before anything starts."""
    if launcher not in launchers.names():
        raise UnknownName("launcher", launcher, launchers.names())
    if gpus < 1:
        raise InputError(f"--gpus is at least 1, not {gpus}")
    if gpus > 1 and launcher != "torchrun":
        raise InputError(f"--gpus {gpus} needs --launcher torchrun")
    if usd_per_hour is not None and not 0 <= usd_per_hour < float("inf"):
        raise InputError(f"--usd-per-hour is an amount of USD, not {usd_per_hour}")
    trackers.require(report_to)
    return LaunchOptions(launcher, gpus, report_to, usd_per_hour, is_forced)


def read_options(folder: Path) -> LaunchOptions:
    """Those of a run's folder; the defaults where none were kept."""
    if not (folder / FILE).exists():
        return LaunchOptions()
    data: dict[str, Any] = read_json(folder / FILE)
    return LaunchOptions(**(data | {"report_to": tuple(data["report_to"])}))
