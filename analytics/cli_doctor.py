"""``spiritsafe doctor``: is this machine and this workspace fit to work, and where does each setting come from?"""

import importlib.util
import os
import shutil
import sqlite3
import sys
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from analytics.errors import InputError
from analytics.terminal import Common, emit, table
from analytics.workspace import HOME_VARIABLE

NETWORK_FILESYSTEMS = ("nfs", "cifs", "smb", "fuse.sshfs", "9p")
LEAST_FREE_BYTES = 2 << 30
SHOWN = 20  # imports named before the rest is counted


class Finding(NamedTuple):
    """One check."""

    name: str
    ok: bool
    value: str
    source: str


def doctor(*, common: Common | None = None) -> int:
    """Check Python, libraries, disk and workspace; show where each setting comes from."""
    flags = common or Common()
    findings = [_home(flags), _python(), _sqlite(), _disk(flags), _filesystem(flags), *_packages(), _settings(flags)]
    findings += [_personal_data(flags), _privacy_key(flags)] if flags.workspace.control.exists() else []
    emit(flags, findings, lambda console: _show(console, findings))
    return 0 if all(finding.ok for finding in findings) else 1


def _show(console: Console, findings: list[Finding]) -> None:
    rows = [("ok" if f.ok else "PROBLEM", f.name, f.value, f.source) for f in findings]
    table(console, "Doctor", ("", "check", "value", "source"), rows)


def _home(flags: Common) -> Finding:
    source = HOME_VARIABLE if os.environ.get(HOME_VARIABLE) else "default or --home"
    return Finding("workspace", True, str(flags.workspace.home), source)


def _python() -> Finding:
    return Finding("python", sys.version_info >= (3, 11), sys.version.split()[0], "3.11 or newer is needed")


def _sqlite() -> Finding:
    return Finding(
        "sqlite",
        sqlite3.sqlite_version_info >= (3, 35),
        sqlite3.sqlite_version,
        "one writer at a time, held by a file lock",
    )


def _nearest(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _disk(flags: Common) -> Finding:
    free = shutil.disk_usage(_nearest(flags.workspace.home)).free
    return Finding("free disk", free >= LEAST_FREE_BYTES, f"{free / 1e9:.1f} GB", "2 GB or more is needed")


def _filesystem(flags: Common) -> Finding:
    kind = filesystem(_nearest(flags.workspace.home))
    return Finding("filesystem", kind not in NETWORK_FILESYSTEMS, kind, "SQLite needs a local one")


def filesystem(path: Path) -> str:
    """Kind of the filesystem that holds a path, as the system names it; "unknown" where it cannot be told."""
    import psutil

    mounts = [part for part in psutil.disk_partitions(all=True) if path.resolve().is_relative_to(part.mountpoint)]
    return max(mounts, key=lambda part: len(part.mountpoint)).fstype if mounts else "unknown"


def _packages() -> list[Finding]:
    wanted = {
        "duckdb": "base",
        "sklearn": "base",
        "wordllama": "base",
        "torch": "train",
        "transformers": "train",
        "streamlit": "base",
    }
    return [
        Finding(
            name,
            importlib.util.find_spec(name) is not None or extra != "base",
            "installed" if importlib.util.find_spec(name) else "not installed",
            extra,
        )
        for name, extra in wanted.items()
    ]


def _personal_data(flags: Common) -> Finding:
    """Which imports hold texts as they came. No problem of its own: somebody chose it, or it cannot be undone."""
    from analytics.privacy.history import not_redacted

    kept, imports = not_redacted(flags.workspace)
    shown = [f"{one.file} ({one.why}, {one.imported_at[:10]})" for one in kept[:SHOWN]]
    shown += [f"and {len(kept) - SHOWN} more"] if len(kept) > SHOWN else []
    value = f"{len(kept)} of {imports} not redacted: {', '.join(shown)}" if kept else f"{imports} redacted"
    return Finding("personal data in imports", True, value, "see docs/privacy.md")


def _privacy_key(flags: Common) -> Finding:
    """Whether the next import will find the key of the earlier ones."""
    from analytics.privacy.history import key_used_before
    from analytics.privacy.key import check_key

    try:
        value = check_key(flags.workspace, key_used_before(flags.workspace))
    except InputError as error:
        return Finding("privacy key", False, str(error), str(flags.workspace.privacy_key))
    return Finding("privacy key", True, value, str(flags.workspace.privacy_key))


def _settings(flags: Common) -> Finding:
    from analytics.settings import settings_file, user_assumptions

    path = settings_file(flags.workspace)
    changed = user_assumptions(flags.workspace).changed()
    return Finding(
        "assumptions", True, f"{len(changed)} set by you" if path else "all defaults", str(path or "no spiritsafe.toml")
    )
