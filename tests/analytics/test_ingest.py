import gzip
import json
import os
import random
import subprocess
import sys
import threading
import time
from datetime import timedelta

import filelock
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from analytics import crew, ingest, sources
from analytics.errors import DataMissing, InputError, SpiritsafeError, UnknownName, WorkspaceBusy
from analytics.ingest import import_files
from analytics.read_ahead import read_ahead
from analytics.store import open_store
from analytics.workspace import Workspace
from tests.loglines import START, shop_mail, spend_row, write_jsonl


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "home")


@pytest.fixture
def log(tmp_path):
    return write_jsonl(tmp_path / "log.jsonl", shop_mail(300))


def accounts(report):
    return report.rows_in, report.calls, report.duplicates, report.quarantined


def reasons(workspace):
    with open_store(workspace) as store:
        return store.connection.sql("select source_line, reason, excerpt from quarantine order by 1").fetchall()


def test_every_row_is_accounted_for(workspace, log):
    assert accounts(import_files(workspace, [str(log)])) == (300, 300, 0, 0)


def test_the_same_file_again_adds_nothing(workspace, log):
    import_files(workspace, [str(log)])
    assert accounts(import_files(workspace, [str(log)])) == (300, 0, 300, 0)


def test_rows_known_from_another_file_are_duplicates(workspace, log, tmp_path):
    import_files(workspace, [str(log)])
    more = write_jsonl(tmp_path / "more.jsonl", [*list(shop_mail(300))[:100], spend_row(9_999, START)])
    assert accounts(import_files(workspace, [str(more)])) == (101, 1, 100, 0)


def test_rows_twice_in_one_file_are_duplicates(workspace, tmp_path):
    rows = list(shop_mail(50))
    assert accounts(import_files(workspace, [str(write_jsonl(tmp_path / "a.jsonl", rows + rows[:7]))])) == (
        57,
        50,
        7,
        0,
    )


def failed_pair(second):
    return {
        "timestamp": 1767225600 + second,
        "request": {"model": "gpt-4o", "messages": []},
        "response": {"error": {"type": "x"}},
    }


def test_equal_rows_without_an_id_are_two_calls_in_one_file_and_the_same_two_in_another(workspace, tmp_path):
    first = write_jsonl(tmp_path / "a.jsonl", [failed_pair(0), failed_pair(0), failed_pair(1)])
    second = write_jsonl(tmp_path / "b.jsonl", [failed_pair(0), failed_pair(0), failed_pair(2)])
    assert accounts(import_files(workspace, [str(first)])) == (3, 3, 0, 0)
    assert accounts(import_files(workspace, [str(second)])) == (3, 1, 2, 0)


def same_rows_in(kind, path, rows):
    if kind == "gz":
        with gzip.open(path, "wt") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    elif kind == "zst":
        path.write_bytes(zstandard.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    elif kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif kind == "array":
        path.write_text(json.dumps(rows))
    else:
        path.write_text("\n\n".join(json.dumps(row) for row in rows))
    return path


@pytest.mark.parametrize("kind", ["gz", "zst", "parquet", "array", "blank lines, no last newline"])
def test_the_same_rows_come_out_of_every_kind_of_file(workspace, tmp_path, kind):
    path = same_rows_in(kind, tmp_path / "log.json", list(shop_mail(40)))
    assert accounts(import_files(workspace, [str(path)])) == (40, 40, 0, 0)
    with open_store(workspace) as store:
        assert store.connection.sql("select count(distinct input_text) from calls where has_text").fetchall()[0][0] > 20


def test_one_object_a_file_over_several_lines(workspace, tmp_path):
    for number in range(3):
        (tmp_path / f"{number}.json").write_text(json.dumps(spend_row(number, START), indent=2))
    assert accounts(import_files(workspace, [str(tmp_path)])) == (3, 3, 0, 0)


def test_folders_and_globs_name_files(workspace, tmp_path):
    (tmp_path / "logs").mkdir()
    for number in range(3):
        write_jsonl(tmp_path / "logs" / f"p{number}.jsonl", [spend_row(number, START)])
    assert accounts(import_files(workspace, [str(tmp_path / "logs" / "p[01].jsonl")]))[1] == 2
    assert accounts(import_files(workspace, [str(tmp_path / "logs")])) == (3, 1, 2, 0)


def test_a_sampled_log_weighs_each_row(workspace, log):
    import_files(workspace, [str(log)], None, 0.01)
    with open_store(workspace) as store:
        assert store.connection.sql("select sum(weight) from calls").fetchall()[0][0] == pytest.approx(30_000)


@pytest.mark.parametrize("rate", [0, -1, 1.5, float("nan")])
def test_a_bad_sampling_rate_is_refused(workspace, log, rate):
    with pytest.raises(InputError, match="sample-rate"):
        import_files(workspace, [str(log)], None, rate)


def test_an_unknown_format_lists_the_known_ones(workspace, log):
    with pytest.raises(UnknownName, match="litellm"):
        import_files(workspace, [str(log)], "splunk")


BAD_LINES = {
    "half a line": (b'{"request_id": "x", "startTime": "2026-', "not complete JSON"),
    "not a number": (
        json.dumps(spend_row(1, START)).replace('"prompt_tokens": 200', '"prompt_tokens": NaN').encode(),
        "prompt_tokens",
    ),
    "negative": (json.dumps(spend_row(1, START, prompt_tokens=-3)).encode(), "prompt_tokens"),
    "no time": (json.dumps(spend_row(1, START, startTime=None)).encode(), "startTime"),
    "no date": (json.dumps(spend_row(1, START, startTime="yesterday")).encode(), "startTime"),
    "nested": (b'{"a":' * 3000 + b"1" + b"}" * 3000, "nest|JSON"),
    "not text": (b'{"a": "\xff\xfe"}', "UTF-8|JSON"),
    "an array": (b"[1, 2]", "not an object"),
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_row_goes_to_quarantine_with_its_line_and_reason_and_the_rest_goes_on(workspace, tmp_path, name):
    bad, reason = BAD_LINES[name]
    good = [json.dumps(row).encode() for row in shop_mail(20)]
    (tmp_path / "log.jsonl").write_bytes(b"\n".join([*good[:10], bad, *good[10:]]) + b"\n")
    assert accounts(import_files(workspace, [str(tmp_path / "log.jsonl")])) == (21, 20, 0, 1)
    ((line, found, excerpt),) = reasons(workspace)
    assert line == 11
    assert any(part in found for part in reason.split("|"))
    assert 0 < len(excerpt) <= 200


def test_a_line_of_fifty_megabytes_is_named_and_not_held_in_memory(workspace, tmp_path):
    good = [json.dumps(row).encode() for row in shop_mail(20)]
    with (tmp_path / "log.jsonl").open("wb") as file:
        file.write(b"\n".join(good[:10]) + b'\n{"messages": "')
        for _ in range(50):
            file.write(b"x" * (1 << 20))
        file.write(b'"}\n' + b"\n".join(good[10:]))
    assert accounts(import_files(workspace, [str(tmp_path / "log.jsonl")])) == (21, 20, 0, 1)
    ((line, reason, _),) = reasons(workspace)
    assert line == 11 and "longer than" in reason


def test_a_compressed_file_cut_short_gives_its_whole_rows_and_says_so(workspace, tmp_path):
    whole = gzip.compress("".join(json.dumps(row) + "\n" for row in shop_mail(400)).encode())
    (tmp_path / "log.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    report = import_files(workspace, [str(tmp_path / "log.jsonl.gz")])
    assert report.calls > 50 and report.rows_in == report.calls + report.quarantined
    assert "cut or damaged" in report.files[0].error


BAD_FILES = {
    "empty": (b"", "empty"),
    "white": (b"\n\n  \n", "white space|no line"),
    "binary": (b"\x7fELF\x00\x00\x01" * 50, "binary"),
    "prose": (b"dear diary\nnothing happened\n", "JSON object"),
    "another format": (b'{"level": "info", "msg": "started"}\n' * 5, "no known format"),
    "broken parquet": (b"PAR1" + b"\x01" * 100, "Parquet"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_named_and_the_others_are_imported(workspace, tmp_path, name, log):
    content, reason = BAD_FILES[name]
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(content)
    report = import_files(workspace, [str(bad), str(log)])
    assert report.calls == 300
    assert str(bad) in report.files[0].error
    assert any(part in report.files[0].error for part in reason.split("|"))


def test_an_unreadable_file_is_named(workspace, tmp_path, log, monkeypatch):
    def refuse(path, *_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(sources.Path, "open", refuse)
    report = import_files(workspace, [str(log)])
    assert "Permission denied" in report.files[0].error


def test_a_missing_path_is_refused_before_anything_is_read(workspace, log):
    with pytest.raises(DataMissing, match="no such file"):
        import_files(workspace, [str(log), "nowhere/*.jsonl"])


def test_a_second_import_at_the_same_time_is_refused(workspace, log, monkeypatch):
    workspace.create()
    monkeypatch.setattr(ingest, "LOCK_WAIT_S", 0.1)
    with filelock.FileLock(str(workspace.home / "import.lock")), pytest.raises(WorkspaceBusy, match="another import"):
        import_files(workspace, [str(log)])


def test_a_full_disk_keeps_what_was_committed(workspace, log, tmp_path, monkeypatch):
    import_files(workspace, [str(log)])

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(crew, "open_writer", full)
    other = write_jsonl(tmp_path / "other.jsonl", [spend_row(5_000, START)])
    with pytest.raises(SpiritsafeError, match="No space left"):
        import_files(workspace, [str(other)])
    with open_store(workspace) as store:
        assert store.connection.sql("select count(*) from calls").fetchall()[0][0] == 300


def test_large_files_go_through_worker_processes_with_the_same_result(tmp_path, monkeypatch, one_key):
    monkeypatch.setattr(sources, "BLOCK_BYTES", 1 << 16)
    rows = list(shop_mail(2_000))
    path = write_jsonl(tmp_path / "log.jsonl", rows + rows[:13])
    found = []
    for small in (1 << 30, 0):
        monkeypatch.setattr(crew, "SMALL_BYTES", small)
        workspace = Workspace(tmp_path / f"home-{small}")
        assert accounts(import_files(workspace, [str(path)])) == (2_013, 2_000, 13, 0)
        with open_store(workspace) as store:
            found.append(
                store.connection.sql("select * exclude (source_file) from stg_calls order by call_id").to_arrow_table()
            )
    assert found[0].equals(found[1])


def test_ten_thousand_fuzzed_lines_all_come_out_somewhere(workspace, tmp_path):
    rng = random.Random(7)
    lines = []
    for row in shop_mail(10_000):
        line = bytearray(json.dumps(row).encode())
        for _ in range(rng.choice([0, 0, 1, 3])):
            line[rng.randrange(len(line))] = rng.choice(b'\x00"{}[],:0-9\xffabcNaN')
        lines.append(bytes(line).replace(b"\n", b" "))
    (tmp_path / "log.jsonl").write_bytes(b"\n".join(lines))
    report = import_files(workspace, [str(tmp_path / "log.jsonl")], "litellm")
    assert report.rows_in == 10_000 == report.calls + report.duplicates + report.quarantined
    assert report.quarantined > 1_000


def test_an_import_killed_in_the_middle_leaves_nothing_half_done(workspace, tmp_path):
    path = write_jsonl(tmp_path / "log.jsonl", shop_mail(3_000))
    script = (
        "import os, sys\nfrom pathlib import Path\nfrom analytics import ingest\nfrom analytics.workspace import Workspace\n"
        "ingest.commit = lambda *a, **k: os.kill(os.getpid(), 9)\n"
        "ingest.import_files(Workspace(Path(sys.argv[1])), [sys.argv[2]])\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(workspace.home), str(path)], check=False, env=os.environ)
    assert killed.returncode == -9
    assert accounts(import_files(workspace, [str(path)])) == (3_000, 3_000, 0, 0)


def test_times_are_kept_in_utc(workspace, tmp_path):
    import_files(workspace, [str(write_jsonl(tmp_path / "a.jsonl", [spend_row(1, START + timedelta(hours=5))]))])
    with open_store(workspace) as store:
        assert store.connection.sql("select requested_at from calls").to_arrow_table().to_pylist()[0][
            "requested_at"
        ] == START + timedelta(hours=5)


def test_names_of_users_and_keys_are_not_stored(workspace, tmp_path):
    pair = {"timestamp": 1767225600, "api_key": "sk-secret", "user": "ann@example.com", "response": {}}
    pair["request"] = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
    rows = [spend_row(1, START, end_user="bob@example.com"), spend_row(2, START, end_user={"odd": ["shape"]})]
    import_files(
        workspace, [str(write_jsonl(tmp_path / "a.jsonl", rows)), str(write_jsonl(tmp_path / "b.jsonl", [pair]))]
    )
    with open_store(workspace) as store:
        found = store.connection.sql("select user_hash, key_hash from stg_calls").fetchall()
    assert len(found) == 3 and all(user for user, _ in found)
    assert not [name for name in ("example.com", "sk-secret") if name in str(found)]


def test_a_file_that_breaks_half_way_claims_nothing(workspace, tmp_path, monkeypatch):
    whole = ingest.read_blocks

    def breaks(path):
        yield from whole(path)
        raise DataMissing(f"{path}: broke")

    monkeypatch.setattr(ingest, "read_blocks", breaks)
    report = import_files(workspace, [str(write_jsonl(tmp_path / "a.jsonl", shop_mail(20)))])
    assert accounts(report) == (0, 0, 0, 0) and "broke" in report.files[0].error


def test_a_reader_that_is_no_longer_wanted_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "BLOCK_BYTES", 1 << 12)
    before = threading.active_count()
    blocks = read_ahead(sources.read_blocks(write_jsonl(tmp_path / "a.jsonl", shop_mail(500))))
    next(blocks)
    blocks.close()
    for _ in range(50):
        if threading.active_count() == before:
            break
        time.sleep(0.05)
    assert threading.active_count() == before
