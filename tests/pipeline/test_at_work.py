"""Students at work in a real workspace: money to the micro-dollar, quality, alarms and the proof of the ledger."""

import json
import random
from dataclasses import replace
from datetime import date

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from cyclopts import App

from analytics.actors import Actor
from analytics.errors import InputError
from analytics.record import Record, audit_log, ledger, segments
from pipeline import api, cli
from pipeline.ledger_verify import book_all, verify
from pipeline.router import deployments
from tests.support.decisions import decision, keep
from tests.support.traffic import APPROVER, START, Traffic, promote, register

CALL_MICROS = 3_500  # 1,000 tokens in at $2.5 and 100 out at $10 a million


@pytest.fixture
def at_work(workspace):
    register(workspace)
    return Traffic(workspace, promote(workspace, audit_share=0.1))


def filled(traffic, days=10, wrong=0.0, calls=60, seed=1, first=0):
    draw = random.Random(seed)
    for day in range(first, first + days):
        for _ in range(calls):
            served = draw.random() < 0.8
            audited = (draw.random() >= wrong) if served and draw.random() < 0.1 else None
            traffic.call(day, served, audited, confidence=draw.uniform(0.6, 1.0) if served else 0.3)
    return traffic


def only(workspace):
    (found,) = api.production(workspace)
    return found


def test_days_add_up_to_the_total_and_to_hand_made_sums(workspace, at_work):
    at_work.call(0, served=True, audited=True)
    at_work.call(0, served=False)
    at_work.call(2, served=True)
    at_work.settle()
    found = only(workspace)
    days = found["days"]
    assert [row["day"] for row in days] == [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)]
    assert [(row["served"], row["escalated"], row["audited"]) for row in days] == [(1, 1, 1), (0, 0, 0), (1, 0, 0)]
    first = days[0]
    fixed = 2 * 0.1 * 24 + first["operations_usd"]
    assert first["baseline_usd"] == pytest.approx(2 * CALL_MICROS / 1e6)
    assert first["saving_usd"]["value"] == pytest.approx(2 * CALL_MICROS / 1e6 - 2 * CALL_MICROS / 1e6 - fixed)
    once = sum(found["one_off_usd"].values())
    total = sum(round(row["saving_usd"]["value"] * 1e6) for row in days) - round(once * 1e6)
    assert round(found["total"]["saving_usd"]["value"] * 1e6) == total == round(days[-1]["cumulative_usd"] * 1e6)
    assert found["one_off_usd"] == {"training": pytest.approx(0.001), "teacher": 12.5, "engineering": 30_000}
    assert found["state"] == "serving" and found["forecast"] is None and found["miss"] is None


def test_audits_correct_the_estimate_of_tokens(workspace, at_work):
    for number in range(300):
        at_work.call(number // 100, audited=True if number % 5 == 0 else None, billed=(1_000, 150))
    at_work.settle()
    found = only(workspace)
    assert found["token_ratio"]["value"] == pytest.approx(4_000 / 3_500, abs=1e-6)
    booked = found["total"]["baseline_usd"] + found["total"]["correction_usd"]
    assert booked == pytest.approx(300 * 4_000 / 1e6, rel=1e-5)
    saving = found["total"]["saving_usd"]
    assert saving["low"] < saving["value"] < saving["high"] and "token" in saving["covers"]


def test_a_good_student_is_left_alone_and_its_interval_says_what_it_covers(workspace, at_work):
    filled(at_work, 20, wrong=0.01).settle()
    found = only(workspace)
    error = found["total"]["error"]
    assert found["status"] == "ok" and found["e_value"] < 20
    assert error["low"] <= error["value"] <= error["high"] and "every look" in error["covers"]
    assert 0 < found["smallest_detectable_drop"] < 0.5
    (done,) = api.check_alarms(workspace, APPROVER)
    assert done["action"] is None


def test_a_bad_student_rings_and_what_is_done_is_in_the_audit_log(workspace, at_work):
    filled(at_work, 20, wrong=0.4).settle()
    found = only(workspace)
    assert found["status"] == "alarm" and found["e_value"] > found["e_value_alarm"] == 20
    with pytest.raises(InputError, match="operator"):
        api.check_alarms(workspace, Actor("eve", "viewer"))
    (done,) = api.check_alarms(workspace, APPROVER)
    assert done["action"] == "fall-back"  # no stricter threshold keeps the promise
    assert only(workspace)["state"] == "fallen-back" and api.check_alarms(workspace, APPROVER) == []
    with Record(workspace).read() as connection:
        row = connection.execute(sa.select(audit_log).order_by(audit_log.c.entry_id.desc())).mappings().first()
    assert (row["action"], row["actor"], row["role"]) == ("fall-back", "spiritsafe", "system") and "e-value" in row[
        "reason"
    ]


def test_where_only_doubtful_answers_are_wrong_it_tightens_and_begins_anew(workspace, at_work):
    draw = random.Random(3)
    for number in range(1_500):
        confidence = draw.uniform(0.5, 1.0)
        audited = confidence > 0.7 if draw.random() < 0.3 else None
        at_work.call(number // 75, audited=audited, confidence=confidence)
    at_work.settle("early")
    (done,) = api.check_alarms(workspace, APPROVER)
    assert done["action"] == "tighten"
    rule = replace(at_work.rule, threshold=float(deployments.active(workspace, "task-1").reason.rsplit(" ", 1)[1]))
    assert 0.65 < rule.threshold < 0.8
    at_work.rule = deployments.in_force(workspace)[0][1]
    filled(at_work, 5, wrong=0.0, first=25).settle("late")
    later = only(workspace)
    assert later["status"] != "alarm" and later["e_value"] < 2  # evidence of the new rule alone


@pytest.mark.parametrize(("on_alarm", "action"), [("fall-back", "fall-back"), ("roll-back", "roll-back")])
def test_an_alarm_does_what_the_policy_says(workspace, on_alarm, action):
    register(workspace)
    filled(Traffic(workspace, promote(workspace, on_alarm=on_alarm)), 20, wrong=0.4).settle()
    assert api.check_alarms(workspace, APPROVER)[0]["action"] == action


def test_drift_asks_for_more_audits_once(workspace, at_work):
    filled(at_work, 21, wrong=0.0)
    for _ in range(420):
        at_work.call(25, confidence=0.61, ood_score=0.9)
    at_work.settle()
    found = only(workspace)
    moved = {test["test"] for test in found["drift"] if test["triggered"]}
    assert {"novelty", "confidence"} <= moved and found["status"] == "watch"
    assert [one["action"] for one in api.check_alarms(workspace, APPROVER)] == ["raise-audits"]
    assert [one["action"] for one in api.check_alarms(workspace, APPROVER)] == [None]
    assert deployments.in_force(workspace)[0][1].audit_share == pytest.approx(0.25)


def test_a_ledger_that_is_as_booked_verifies_and_is_booked_once(workspace, at_work):
    filled(at_work, 8).settle()
    assert book_all(workspace) == 9 and book_all(workspace) == 0
    found = verify(workspace)
    assert found.is_right and (found.rows, found.equal, found.unbooked_days) == (9, 9, 0)
    assert found.saving_usd == pytest.approx(only(workspace)["total"]["saving_usd"]["value"])


def test_rows_that_come_late_are_booked_beside_the_old_ones(workspace, at_work):
    filled(at_work, 3).settle("early")
    book_all(workspace)
    at_work.call(1)
    at_work.settle("late")
    assert verify(workspace).is_right and len(verify(workspace).late) == 1
    assert book_all(workspace) == 1 and verify(workspace).late == []


def test_a_changed_row_of_the_ledger_is_named(workspace, at_work):
    filled(at_work, 5).settle()
    book_all(workspace)
    with Record(workspace).write() as connection:
        name = connection.execute(
            sa.select(ledger.c.ledger_id).where(ledger.c.period_from == "2026-03-04")
        ).scalar_one()
        connection.execute(
            sa.update(ledger).where(ledger.c.ledger_id == name).values(net_saving_micros=ledger.c.net_saving_micros + 1)
        )
    found = verify(workspace)
    assert [row.ledger_id for row in found.wrong] == [name] and "net_saving" in found.wrong[0].differences[0]


def test_a_changed_raw_row_is_found_by_its_file_and_by_its_sum(workspace, at_work):
    filled(at_work, 5).settle()
    book_all(workspace)
    file = workspace.calls / "router-one-calls.parquet"
    table = pq.read_table(file)
    column = table["in_uncached"].to_pylist()
    table = table.set_column(table.schema.get_field_index("in_uncached"), "in_uncached", [[*column[:-1], 999_999]])
    pq.write_table(table.cast(pq.read_schema(file)), file)
    found = verify(workspace)
    assert found.damaged_files == ["calls/router-one-calls.parquet"] and found.wrong[0].scope == "day"


def test_calls_that_vanish_are_found(workspace, at_work):
    filled(at_work, 3).settle("early")
    filled(at_work, 3).settle("more")
    book_all(workspace)
    with Record(workspace).write() as connection:
        connection.execute(segments.delete().where(segments.c.path == "decisions/router-more-decisions.parquet"))
    assert "missing" in " ".join(verify(workspace).wrong[0].differences)


def test_the_command_line_shows_verifies_and_checks(workspace, at_work, capsys):
    filled(at_work, 5, wrong=0.01).settle()

    def call(*arguments):
        app = App(name="spiritsafe", result_action="return_value")
        cli.mount(app)
        capsys.readouterr()
        code = app([*arguments, "--home", str(workspace.home), "--json"], exit_on_error=False)
        return code, json.loads(capsys.readouterr().out)

    _, shown = call("ledger", "show")
    assert shown[0]["days"][0]["is_booked"] and shown[0]["days"][0]["day"] == START.date().isoformat()
    assert call("ledger", "verify")[0] == 0
    assert call("ledger", "check")[1][0]["status"] == "ok"
    assert call("ledger")[1] == []  # replays alone, as before
    with Record(workspace).write() as connection:
        connection.execute(sa.update(ledger).values(calls=ledger.c.calls + 1))
    code, found = call("ledger", "verify")
    assert code == 4 and found["is_right"] is False and len(found["wrong"]) == 6


def test_a_student_is_held_to_the_brief_that_stood_when_it_began(workspace, at_work):
    decided = decision(
        (("prompt cache", 0.2, False),), monthly_spend_usd=30.0, call_cost_usd=0.0035, engineer_weeks=0.0
    )
    keep(workspace, decided)
    keep(workspace, decision(), snapshot_id="snapshot-2", made_on="2026-03-05")
    filled(at_work, 10, wrong=0.1).settle()
    book_all(workspace)
    found = only(workspace)
    miss, days = found["miss"], found["days"]
    parts = sum(miss[f"{name}_usd"] for name in ("volume", "price", "coverage", "quality", "other"))
    assert parts == pytest.approx(miss["total_usd"], abs=1e-6)
    assert miss["total_usd"] == pytest.approx(miss["came_usd"] - found["forecast"]["cumulative_usd"], abs=1e-6)
    saving, errors = found["total"]["saving_usd"]["value"], miss["extra_errors"]
    spend = found["total"]["baseline_usd"] + found["total"]["correction_usd"]
    share = found["total"]["served"] / 600
    assert miss["came_usd"] == pytest.approx(saving - spend * share * errors * 10, abs=1e-6)
    assert miss["quality_usd"] < 0 and found["forecast"]["snapshot_id"] == "snapshot-1"
    asked = 60 * CALL_MICROS / 1e6
    assert days[0]["baseline_usd"] == pytest.approx(0.8 * asked) and days[9]["baseline_usd"] == pytest.approx(asked)
    assert verify(workspace).is_right
    with Record(workspace).write() as connection:  # terms and sums changed together are found as well
        row = connection.execute(sa.select(ledger).where(ledger.c.period_from == "2026-03-03")).mappings().one()
        forged = json.loads(row["detail"])
        forged["terms"]["kept_share"] = "1"
        connection.execute(
            sa.update(ledger).where(ledger.c.ledger_id == row["ledger_id"]).values(detail=json.dumps(forged))
        )
    assert "snapshot-1 says 0.8" in " ".join(verify(workspace).wrong[0].differences)


def test_labels_tell_errors_from_disagreements(workspace, at_work):
    keep(workspace, decision())
    filled(at_work, 10, wrong=0.9).settle()
    assert "labels that would tell more" in only(workspace)["miss"]["extra_errors_are"]
    waiting = api.failures(workspace, reason="audit")
    for row in waiting[:20]:
        api.label_failure(workspace, APPROVER, row["failure_id"], "both")
    assert only(workspace)["miss"]["extra_errors"] == 0
