"""Where the state of one organisation lives on disk.

Everything under ``home`` is private to its owner (mode 0700). SQLite holds the record,
immutable Parquet segments hold the bulk, and nothing else needs to be backed up.
"""

import os
from dataclasses import dataclass
from pathlib import Path

DEFAULT_HOME = Path("workspace")
HOME_VARIABLE = "SPIRITSAFE_HOME"
HERE = Path(__file__).resolve().parent
ROOT = HERE / "shipped" if (HERE / "shipped").is_dir() else HERE.parent  # of a wheel (setup.py); of a checkout
SHIPPED, SQL = ROOT / "data", ROOT / "sql"


@dataclass(frozen=True)
class Workspace:
    """The folders of one workspace. Building it touches nothing; ``create`` makes them."""

    home: Path

    @property
    def control(self) -> Path:
        """SQLite record of imports, plans, runs, students, policies and the ledger."""
        return self.home / "control.sqlite"

    @property
    def calls(self) -> Path:
        """Parquet segments of the ``calls`` contract, one folder an import batch."""
        return self.home / "calls"

    @property
    def quarantine(self) -> Path:
        """Parquet segments of rejected rows."""
        return self.home / "quarantine"

    @property
    def snapshots(self) -> Path:
        """One folder an analysis: task assignment, profiles, verdicts."""
        return self.home / "snapshots"

    @property
    def partials(self) -> Path:
        """What is kept of each shard of calls; deleting it costs time and nothing else."""
        return self.home / "partials"

    @property
    def decisions(self) -> Path:
        """Parquet segments: why each request went where."""
        return self.home / "decisions"

    @property
    def audits(self) -> Path:
        """Parquet segments: answers of students that the teacher was asked about as well."""
        return self.home / "audits"

    @property
    def failures(self) -> Path:
        """Parquet segments: requests that a student could not or should not have answered."""
        return self.home / "failures"

    @property
    def traffic(self) -> Path:
        """What routers have written and nobody has put into segments yet: one SQLite file each."""
        return self.home / "traffic"

    @property
    def reports(self) -> Path:
        """One folder a kept report."""
        return self.home / "reports"

    @property
    def gold(self) -> Path:
        """Parquet files of answers known to be right, by call."""
        return self.home / "gold"

    @property
    def runs(self) -> Path:
        """One folder a run: stage outputs, log and events."""
        return self.home / "runs"

    @property
    def students(self) -> Path:
        """One folder a registered student: weights without code, card."""
        return self.home / "students"

    @property
    def prices(self) -> Path:
        """Prices, discounts and calibrations that the user set, above the snapshot."""
        return self.home / "prices.json"

    @property
    def price_history(self) -> Path:
        """One folder a synced snapshot of prices, by date; each holds all dated rows up to then."""
        return self.home / "price_history"

    @property
    def privacy_key(self) -> Path:
        """The key behind the tokens of personal data and the hashes of users. Losing it loses only that link."""
        return self.home / "privacy.key"

    def create(self) -> "Workspace":
        """Make the folders, readable by their owner alone."""
        folders = (self.calls, self.quarantine, self.snapshots, self.decisions, self.gold, self.runs, self.students)
        for folder in (self.home, *folders):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self


def find_home(given: Path | None = None) -> Path:
    """The workspace folder: the flag, else the environment, else ``workspace`` here."""
    return (given or Path(os.environ.get(HOME_VARIABLE) or DEFAULT_HOME)).expanduser().absolute()
