"""Which code made a student: the version and a hash of the sources that decide its weights."""

import hashlib
from functools import cache
from pathlib import Path

from analytics.errors import DataMissing

HERE = Path(__file__).resolve().parent
ANALYTICS = HERE.parent / "analytics"
# Starting, watching and replaying a run do not change what it makes.
BESIDE_THE_STUDENT = frozenset(
    (
        *("cli_bases", "hub", "launch_options", "machines", "measured_training", "mlflow", "money", "trackio"),
        *("training_events", "training_forecast", "training_memory", "training_time", "wandb"),
        *("api", "cli", "cli_runs", "cli_students", "code", "heartbeat", "job", "lease", "local", "pace", "plan"),
        *(
            "registry",
            "retiring",
            "replay",
            "replay_calls",
            "replay_figures",
            "replay_record",
            "run",
            "views",
            "worker",
        ),
    )
)


@cache
def code_version() -> str:
    """The package's version and a hash of every source that can change a student."""
    from importlib.metadata import version

    digest = hashlib.sha256()
    for path in sorted([*HERE.rglob("*.py"), ANALYTICS / "statistics.py", ANALYTICS / "embed.py"]):
        if path.is_file() and path.stem not in BESIDE_THE_STUDENT:
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{version('spiritsafe')}+{digest.hexdigest()[:12]}"


def require_same_code(planned: str) -> None:
    """Refuse to carry out a plan with other code than it was made for: the result would not be the planned one."""
    if planned != code_version():
        raise DataMissing(f"the plan was made by spiritsafe {planned}, this is {code_version()}; plan again")
