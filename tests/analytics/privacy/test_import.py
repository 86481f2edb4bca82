"""Imports from end to end: planted values, searched for in every file of the workspace."""

import json
import sqlite3
import stat

import pyarrow.parquet as pq
import pytest

from analytics import crew
from analytics.gold import add_gold
from analytics.ingest import import_files
from analytics.privacy import columns
from analytics.privacy.excerpts import WITHHELD
from analytics.record import SCHEMA_VERSION, Record
from analytics.store import open_store
from analytics.workspace import Workspace
from tests.loglines import START, answer, chat, shop_mail, spend_row, write_jsonl

PLANTED = {
    "email": "jane.planted@mail.example", "phone": "+49 151 20304050", "card": "4111 1111 1111 1111",
    "iban": "DE89 3704 0044 0532 0130 00", "ip": "203.0.113.77", "key": "ghp_" + "q7Rw" * 9,
}  # fmt: skip
USER, API_KEY = "user-planted-17", "key-planted-18"


def planted_rows():
    """Each value in each field where a text of the caller can be, whole rows and rejected ones."""
    for number, value in enumerate(PLANTED.values()):
        said = f"it is {value}, thanks"
        call = {"function": {"name": "save", "arguments": json.dumps({"note": said, "to": value})}, "id": "t1"}
        reply = {"role": "assistant", "content": said, "tool_calls": [{"type": "function", **call}]}
        turns = [("system", said), ("user", said), ("assistant", said), ("user", f"again: {value}")]
        yield spend_row(
            number,
            START,
            messages=json.dumps([{"role": role, "content": content} for role, content in turns]),
            response=json.dumps({"choices": [{"finish_reason": "stop", "message": reply}]}),
            request_tags=json.dumps(["mail", f"from {value}"]),
            session_id=f"session {value}",
            end_user=USER,
            api_key=API_KEY,
        )
        yield spend_row(100 + number, START, startTime=f"at {value}")  # rejected: no time
        yield spend_row(200 + number, START, response=answer(json.dumps({"to": value, "n": 3})))
    yield spend_row(300, START, request_id=PLANTED["email"], model=f"ft:{PLANTED['key']}")
    yield spend_row(301, START, end_user=PLANTED["email"], messages=chat(None, "hello"))


@pytest.fixture
def log(tmp_path):
    broken = "".join(f'{{"broken": "{value}", "more": \n' for value in PLANTED.values())
    path = write_jsonl(tmp_path / "log.jsonl", planted_rows())
    path.write_text(path.read_text() + broken)
    return path


def everything(home):
    """All bytes under a folder, and all that is compressed or paged in them as text."""
    files = [path for path in home.rglob("*") if path.is_file()]
    assert len(files) > 3
    for path in files:
        yield path.read_bytes().decode(errors="replace")
        if path.suffix == ".parquet":
            yield json.dumps(pq.read_table(path).to_pylist(), default=str, ensure_ascii=False)
        if path.suffix == ".sqlite":
            with sqlite3.connect(path) as connection:
                yield "\n".join(connection.iterdump())
            connection.close()


def leaks(texts):
    found = "\n".join(texts)
    bare = found.replace(" ", "")
    return [v for v in (*PLANTED.values(), USER, API_KEY) if v in found or v.replace(" ", "") in bare]


def accounts(report):
    return report["rows_in"], report["calls"], report["duplicates"], report["quarantined"]


def test_no_planted_value_is_anywhere_in_the_workspace_or_on_the_screen(spiritsafe, tmp_path, log):
    home = tmp_path / "home"
    done = spiritsafe("import", log, "--home", home, "--json")
    assert done.returncode == 0, done.stderr
    assert accounts(json.loads(done.stdout)) == (26, 14, 0, 12)
    (file,) = json.loads(done.stdout)["files"]
    assert set(file["redacted"]) == set(PLANTED)
    shown = spiritsafe("import", log, "--home", home)
    rows = spiritsafe("sql", "select * from quarantine", "--home", home, "--json")
    analysed = spiritsafe("analyze", "--home", home)
    assert analysed.returncode in (0, 3), analysed.stderr
    screen = [done.stdout, done.stderr, shown.stdout, shown.stderr, rows.stdout, analysed.stdout, analysed.stderr]
    assert leaks([*everything(home), *screen]) == []


def test_what_was_stored_is_still_json_with_tokens(tmp_path, log):
    workspace = Workspace(tmp_path / "home")
    import_files(workspace, [str(log)])
    with open_store(workspace) as store:
        rows = store.connection.sql(
            "select messages, tool_calls, input_text, output_text, tags, session_id from calls where tool_calls is not null"
        ).fetchall()
    assert len(rows) == len(PLANTED)
    for (messages, tool_calls, input_text, output_text, tags, session), kind in zip(rows, PLANTED, strict=True):
        (call,) = json.loads(tool_calls)
        values = json.loads(call["function"]["arguments"]) if "function" in call else call
        for text in (messages, json.dumps(values), input_text, output_text, session, *tags[1:]):
            assert f"<{kind}:" in text
        json.loads(messages)


def test_the_same_value_has_the_same_token_in_another_import_and_another_process(spiritsafe, tmp_path):
    workspace = Workspace(tmp_path / "home")
    found = []
    for number in (1, 2):
        row = spend_row(number, START, messages=chat(None, f"write to {PLANTED['email']}"))
        log = write_jsonl(tmp_path / f"{number}.jsonl", [row])
        assert spiritsafe("import", log, "--home", workspace.home).returncode == 0
    with open_store(workspace) as store:
        found = store.connection.sql("select input_text, user_hash from calls").fetchall()
    assert len(found) == 2 and len({text for text, _ in found}) == 1


def test_worker_processes_redact(tmp_path, monkeypatch, log):
    monkeypatch.setattr(crew, "SMALL_BYTES", 0)
    workspace = Workspace(tmp_path / "home")
    report = import_files(workspace, [str(log)])
    assert (report.rows_in, report.calls, report.quarantined) == (26, 14, 12)
    assert leaks(everything(workspace.home)) == []


def test_a_redactor_that_fails_sends_the_row_to_quarantine_with_nothing_of_it(tmp_path, monkeypatch):
    def fails(text, *_):
        raise ValueError(text)

    rows = [*shop_mail(20), spend_row(900, START, messages=chat(None, f"I am {PLANTED['email']}"))]
    group = columns.TEXTS._replace(
        columns={
            fails if redact is columns.redact_text else redact: names for redact, names in columns.TEXTS.columns.items()
        }
    )
    monkeypatch.setattr(columns, "TEXTS", group)
    workspace = Workspace(tmp_path / "home")
    report = import_files(workspace, [str(write_jsonl(tmp_path / "log.jsonl", rows))])
    assert (report.rows_in, report.calls, report.quarantined) == (21, 20, 1)
    with open_store(workspace) as store:
        (row,) = store.connection.sql("select reason, excerpt, source_line from quarantine").fetchall()
    assert row[1:] == (WITHHELD, 21) and row[0].startswith("not redacted: ") and row[0].endswith("ValueError")
    assert leaks(everything(workspace.home)) == []


def test_no_redact_is_recorded_and_shown_and_users_are_hashed_all_the_same(spiritsafe, tmp_path, log):
    home = tmp_path / "home"
    assert spiritsafe("import", log, "--home", home, "--no-redact").returncode == 0
    kept = list(everything(home))
    assert PLANTED["email"] in leaks(kept) and USER not in leaks([part for part in kept if "broken" not in part][-1:])
    with open_store(Workspace(home)) as store:
        users = store.connection.sql("select distinct user_hash from calls").fetchall()
    assert all(len(user) == 32 for (user,) in users)
    (finding,) = [one for one in doctor(spiritsafe, home) if one["name"] == "personal data in imports"]
    assert finding["value"].startswith("1 of 1 not redacted: ") and "log.jsonl (--no-redact, 20" in finding["value"]
    again = spiritsafe("import", log, "--home", home)
    assert "stored before without redaction" in again.stderr


def doctor(spiritsafe, home):
    return json.loads(spiritsafe("doctor", "--home", home, "--json").stdout)


def test_the_key_is_its_owners_alone_and_a_lost_one_is_refused(spiritsafe, tmp_path, log):
    home = tmp_path / "home"
    spiritsafe("import", log, "--home", home)
    key = Workspace(home).privacy_key
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert {one["name"]: one["ok"] for one in doctor(spiritsafe, home)}["privacy key"]
    kept = key.read_bytes()
    more = write_jsonl(tmp_path / "more.jsonl", [spend_row(999, START)])
    for change, says in (
        (key.unlink, "cannot be read or made"),
        (lambda: key.touch(0o600), "is no key"),
        (lambda: key.write_bytes(b"x" * 32), "is not the key of the earlier imports"),
        (lambda: key.chmod(0o644), "chmod 600"),
    ):
        change()
        for option in ("--redact", "--no-redact"):
            refused = spiritsafe("import", more, "--home", home, option)
            assert refused.returncode == 2 and says in refused.stderr.replace("\n", " "), refused.stderr
        assert not {one["name"]: one["ok"] for one in doctor(spiritsafe, home)}["privacy key"]
    key.write_bytes(kept)
    key.chmod(0o600)
    assert spiritsafe("import", more, "--home", home).returncode == 0


def test_a_workspace_from_before_is_brought_up_to_date_and_doctor_says_what_it_holds(spiritsafe, tmp_path, log):
    home = tmp_path / "home"
    spiritsafe("import", log, "--home", home, "--no-redact")
    workspace = Workspace(home)
    workspace.privacy_key.unlink()
    with sqlite3.connect(workspace.control) as raw:
        raw.execute("alter table imports drop column redaction")
        raw.execute("update meta set value = '1' where key = 'schema_version'")
    raw.close()
    (finding,) = [one for one in doctor(spiritsafe, home) if one["name"] == "personal data in imports"]
    assert "before redaction existed" in finding["value"]
    more = write_jsonl(tmp_path / "more.jsonl", [spend_row(999, START)])
    assert spiritsafe("import", more, "--home", home).returncode == 0
    (finding,) = [one for one in doctor(spiritsafe, home) if one["name"] == "personal data in imports"]
    assert finding["value"].startswith("1 of 2 not redacted: ")
    with Record(workspace).read() as connection:
        assert connection.exec_driver_sql("select value from meta where key = 'schema_version'").scalar_one() == str(
            SCHEMA_VERSION
        )


def test_gold_answers_get_the_tokens_of_the_calls(tmp_path):
    workspace = Workspace(tmp_path / "home")
    row = spend_row(1, START, response=answer(PLANTED["email"]))
    import_files(workspace, [str(write_jsonl(tmp_path / "log.jsonl", [row]))])
    gold = tmp_path / "gold.csv"
    gold.write_text(f"call_id,gold\ncall-1,{PLANTED['email']}\n")
    assert add_gold(workspace, gold, "call_id", "gold").matched == 1
    with open_store(workspace) as store:
        (pair,) = store.connection.sql("select output_text from calls").fetchall()
    stored = [cell for path in workspace.gold.rglob("*.parquet") for cell in pq.read_table(path)["gold"].to_pylist()]
    assert stored == [pair[0]] and stored[0].startswith("<email:")
    assert leaks(everything(workspace.home)) == []
