"""The workspace's key: made at the first import, readable by its owner alone, never replaced in silence."""

import os
import secrets
from pathlib import Path

from analytics.errors import InputError
from analytics.privacy.tokens import Privacy
from analytics.workspace import Workspace

KEY_BYTES = 32


def open_privacy(workspace: Workspace, used_before: str | None, *, redacts: bool = True) -> Privacy:
    """What an import does with personal data, by this workspace's key; the first import makes the key.

    used_before: id of the key of earlier imports, None when there were none.
    Raises InputError when the key cannot be read or made, or is another one than before: equal values would get
    other tokens. Nothing has been read then, so nothing is stored.
    """
    path = workspace.privacy_key
    try:
        key = _read(path) if path.exists() or used_before else _make(path)
    except OSError as error:
        raise InputError(
            f"{path}: the key that hides personal data cannot be read or made ({error.strerror or error}); nothing "
            "was imported. Restore it from a backup, or import into a new workspace"
        ) from error
    privacy = Privacy(key, redacts)
    _check_id(path, privacy.key_id, used_before)
    return privacy


def check_key(workspace: Workspace, used_before: str | None) -> str:
    """Id of the key, for a person; makes none. Raises InputError where an import would."""
    if used_before is None and not workspace.privacy_key.exists():
        return "made by the next import"
    return open_privacy(workspace, used_before or "").key_id


def _check_id(path: Path, key_id: str, used_before: str | None) -> None:
    if used_before and key_id != used_before:
        raise InputError(
            f"{path}: is not the key of the earlier imports ({key_id}, then {used_before}), so equal values "
            "would no longer look equal. Restore it from a backup, or import into a new workspace"
        )


def _read(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        raise InputError(f"{path}: others may read this key; take their rights away: chmod 600 {path}")
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise InputError(f"{path}: is no key ({len(key)} bytes, not {KEY_BYTES}); restore it from a backup")
    return key


def _make(path: Path) -> bytes:
    """A new key, on disk before anything is stored under it."""
    key = secrets.token_bytes(KEY_BYTES)
    aside = path.with_suffix(".part")
    aside.unlink(missing_ok=True)
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, key)
        os.fsync(handle)
    finally:
        os.close(handle)
    aside.rename(path)
    return key
