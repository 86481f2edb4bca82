"""Shared fixtures: one small analysed workspace a session."""

import subprocess
import sys
from pathlib import Path

import pytest

from analytics.analyze import analyze
from analytics.ingest import import_files
from analytics.workspace import Workspace
from tests.loglines import shop_mail, write_jsonl

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def mail_home(tmp_path_factory) -> Path:
    """A workspace with one closed task of 3,000 calls, each standing for 2,000; imported and analysed."""
    folder = tmp_path_factory.mktemp("mail")
    workspace = Workspace(folder / "home")
    import_files(workspace, [str(write_jsonl(folder / "log.jsonl", shop_mail(3_000)))], None, 0.0005)
    analyze(workspace)
    return workspace.home


@pytest.fixture
def spiritsafe():
    """Runs the command in a process of its own, as a person does."""

    def run(*arguments: str, **options) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "spiritsafe", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, **options)

    return run


@pytest.fixture
def one_key(monkeypatch):
    """Workspaces of a test share their privacy key, so that their hashes and tokens can be compared."""
    monkeypatch.setattr("analytics.privacy.key.secrets.token_bytes", lambda size: b"k" * size)
