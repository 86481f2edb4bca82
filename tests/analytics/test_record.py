import sqlite3
import subprocess
import sys

import filelock
import pytest
import sqlalchemy as sa

from analytics import record
from analytics.errors import DataMissing, SpiritsafeError, WorkspaceBusy
from analytics.record import Record
from analytics.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "home")


def remember(connection, key):
    connection.execute(record.meta.insert().values(key=key, value="x"))


def test_a_write_is_seen_by_readers_and_a_failed_one_is_not(workspace):
    with Record(workspace).write() as connection:
        remember(connection, "kept")
    with pytest.raises(RuntimeError), Record(workspace).write() as connection:
        remember(connection, "lost")
        raise RuntimeError
    with Record(workspace).read() as connection:
        keys = set(connection.execute(sa.select(record.meta.c.key)).scalars())
    assert keys == {"schema_version", "kept"}


def test_an_empty_workspace_says_what_to_do(workspace):
    with pytest.raises(DataMissing, match="spiritsafe import"), Record(workspace).read():
        pass


def test_a_workspace_of_a_newer_version_is_refused_for_reading_and_writing(workspace):
    with Record(workspace).write():
        pass
    with sqlite3.connect(workspace.control) as raw:
        raw.execute("update meta set value = '99' where key = 'schema_version'")
    raw.close()
    for use in (Record(workspace).read, Record(workspace).write):
        with pytest.raises(SpiritsafeError, match=r"newer spiritsafe \(schema 99"), use():
            pass


def test_a_busy_workspace_says_so(workspace):
    workspace.create()
    with (
        filelock.FileLock(str(workspace.control) + ".lock"),
        pytest.raises(WorkspaceBusy),
        Record(workspace).write(wait_s=0.1),
    ):
        pass


def test_writers_in_several_processes_all_get_through(workspace):
    with Record(workspace).write():
        pass
    script = (
        "import sys\nfrom pathlib import Path\nfrom analytics import record\nfrom analytics.workspace import Workspace\n"
        "for n in range(20):\n"
        "    with record.Record(Workspace(Path(sys.argv[1]))).write() as c:\n"
        "        c.execute(record.meta.insert().values(key=f'{sys.argv[2]}-{n}', value='x'))\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", script, str(workspace.home), str(name)]) for name in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    with Record(workspace).read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(record.meta)).scalar_one() == 61


def test_the_workspace_is_its_owners_alone(workspace):
    workspace.create()
    assert workspace.home.stat().st_mode & 0o077 == 0
