"""Replay: only later calls, one decision a call, one ledger row a week, the same however often it is done."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow.parquet as pq
import pytest

from analytics.errors import DataMissing, InputError
from analytics.record import Record, ledger, segments
from pipeline import registry, replay
from pipeline.contracts import Answer
from pipeline.loaded import Routed
from pipeline.replay_record import DECISIONS, read_ledger

LEARNED_UNTIL = datetime(2026, 9, 3, tzinfo=UTC)


class Parrot:
    """Knows the answer to "known" questions, and says "lost" with little confidence to others."""

    kind = "head"

    def answer(self, texts):
        return [Answer("lost", 0.99 if text.startswith("known") else 0.4, 0.1) for text in texts]


class LoadedParrot:
    student = Parrot()

    def route(self, texts):
        return [
            Routed(one, "student", "confident") if one.confidence > 0.9 else Routed(one, "teacher", "not-confident")
            for one in self.student.answer(texts)
        ]

    def plain_answers(self, answers):
        return [answer.strip() for answer in answers]


@pytest.fixture
def student_id(workspace, tmp_path, monkeypatch):
    monkeypatch.setattr(replay, "open_student", lambda workspace, student_id: LoadedParrot())
    return register(workspace, tmp_path)


def register(workspace, tmp_path, **more):
    weights, folder = tmp_path / "weights.json", tmp_path / f"assembled{len(more)}"
    weights.write_text("{}")
    folder.mkdir()
    card = {"kind": "head", "task_id": "task-1", "task": "support", "run_id": "run_1", "seed": 3}
    card |= {"trained_until": "2026-09-02T00:00:00+00:00", "calibrated_until": LEARNED_UNTIL.isoformat()}
    registry.assemble(folder, card | more, {"weights.json": weights})
    with Record(workspace).write() as connection:
        return registry.enrol(connection, workspace, folder)


@pytest.fixture
def two_weeks(log):
    """Two days that the student learned from, then two weeks: 3 of 4 calls known, a failed and a cut one among them."""
    for hour in range(48 + 14 * 24):
        kind = "unknown" if hour % 4 == 0 else "known"
        log.add(input_text=f"{kind} {hour % 8}", output_text="found" if hour % 40 == 1 else "lost")
    log.rows[-1] |= {"status": "failure", "output_text": None}
    log.rows[-2] |= {"is_truncated": True}
    return log


def test_only_calls_after_the_calibration_window_are_replayed(workspace, student_id, two_weeks):
    made = replay.replay_student(workspace, student_id)
    assert made.starts_at == LEARNED_UNTIL + timedelta(hours=1)
    assert made.calls == 14 * 24 - 1
    assert made.as_json()["from"] == "2026-09-03T01:00:00+00:00"


def test_the_figures_are_those_of_the_calls(workspace, student_id, two_weeks):
    made = replay.replay_student(workspace, student_id)
    served = 14 * 18 - 2  # three quarters, without the failed and the cut call
    wrong = sum(1 for hour in range(49, 48 + 14 * 24) if hour % 40 == 1)
    assert made.student_calls == served == made.agreement.n
    assert made.agreement.value == pytest.approx(1 - wrong / served)
    assert made.coverage == pytest.approx(served / made.calls)
    assert made.teacher_cost_usd == pytest.approx(0.01 * made.calls)
    assert made.audit_cost_usd == pytest.approx(0.01 * 0.01 * served)
    days = (made.calls - 1) / 24
    assert made.serving_cost_usd == pytest.approx(2 * 0.10 * 24 * days)
    saved = 0.01 * served - made.audit_cost_usd - made.serving_cost_usd
    assert made.net_saving_usd == pytest.approx(saved * 30.4 / days) and made.net_saving_usd < 0
    assert made.net_saving_interval.low <= made.net_saving_usd <= made.net_saving_interval.high
    assert (made.teacher_ms_p50, made.failed_calls) == (800, 1)
    assert 0 < made.student_ms_p50 <= made.student_ms_p95
    assert made.reasons == {"call-failed": 1, "confident": served, "input-cut": 1, "not-confident": 83}


def test_sampled_and_unpriced_calls_count_as_what_they_stand_for(workspace, student_id, two_weeks):
    plain = replay.replay_student(workspace, student_id)
    for row in two_weeks.rows:
        row["weight"] = 100.0
    two_weeks.rows[-5]["cost_usd"] = None
    weighted = replay.replay_student(workspace, student_id)
    assert weighted.teacher_cost_usd == pytest.approx(100 * (plain.teacher_cost_usd - 0.01))
    assert (weighted.calls, weighted.unpriced_calls) == (plain.calls, 1)


def test_decisions_and_ledger_are_written_once(workspace, student_id, two_weeks):
    first = replay.replay_student(workspace, student_id)
    assert (first.decisions_written, first.ledger_rows_written) == (first.calls, 1 + 3)
    before = dump(workspace)
    again = replay.replay_student(workspace, student_id)
    assert (again.decisions_written, again.ledger_rows_written) == (0, 0)
    assert dump(workspace) == before
    (row,) = before[1]
    table = pq.read_table(workspace.home / row.path)
    assert table.schema.equals(DECISIONS) and table.num_rows == row.rows == first.calls
    assert table["route"].to_pylist().count("student") == first.student_calls
    assert table["confidence"].null_count == 2  # the student was not asked about the failed and the cut call


def test_weeks_add_up_to_the_total(workspace, student_id, two_weeks):
    replay.replay_student(workspace, student_id)
    rows = read_ledger(workspace, student_id)
    (total,) = (row for row in rows if row["scope"] == "total")
    weeks = [row for row in rows if row["scope"] == "week"]
    assert [row["from"][:10] for row in weeks] == ["2026-08-31", "2026-09-07", "2026-09-14"]
    for name in ("calls", "student_calls", "teacher_cost_usd", "hybrid_cost_usd", "net_saving_usd"):
        assert sum(row[name] for row in weeks) == pytest.approx(total[name], abs=1e-5)
    assert {row["source"] for row in rows} == {"replay"}


def test_later_calls_add_decisions_and_supersede_their_week(workspace, student_id, two_weeks):
    first = replay.replay_student(workspace, student_id)
    for _ in range(5):
        two_weeks.add(input_text="known 1")
    again = replay.replay_student(workspace, student_id)
    assert again.decisions_written == 5
    assert again.ledger_rows_written == 2  # the last week and the total
    weeks = [row for row in read_ledger(workspace, student_id) if row["scope"] == "week"]
    assert sum(row["calls"] for row in weeks) == first.calls + 5


def test_nothing_newer_than_the_lessons_is_missing_data(workspace, student_id, log):
    log.add()
    with pytest.raises(DataMissing, match="no call of support is newer than 2026-09-03"):
        replay.replay_student(workspace, student_id)


def test_a_student_made_from_pairs_has_no_log(workspace, tmp_path, log):
    student_id = register(workspace, tmp_path, task_id=None)
    with pytest.raises(InputError, match="made from pairs"):
        replay.replay_student(workspace, student_id)


def test_a_saving_may_be_large(workspace, student_id, two_weeks):
    for row in two_weeks.rows:
        row["cost_usd"] = Decimal("2.5")
    assert replay.replay_student(workspace, student_id).net_saving_usd > 0


def dump(workspace):
    with Record(workspace).read() as connection:
        return [connection.execute(table.select()).all() for table in (ledger, segments)]
