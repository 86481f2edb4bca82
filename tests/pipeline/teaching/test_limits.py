"""Breaker, rate, prices, caps over runs, keys: each by itself."""

import io
import json
import logging

import pytest

from analytics.errors import BudgetReached, InputError
from analytics.record import Record
from pipeline import views
from pipeline.breaker import Breaker
from pipeline.teacher import retry_after_s
from pipeline.teaching import budget, keys
from pipeline.teaching.budget import Budget
from pipeline.teaching.ledger import Call, Ledger
from pipeline.teaching.prices import find_price
from pipeline.teaching.rate import Rate
from pipeline.teaching.request import NotAReply, Request, Usage, read_reply
from tests.pipeline.teaching.conftest import MODEL, PRICE


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_five_failures_in_a_row_open_the_breaker_and_one_probe_closes_it():
    clock = Clock()
    breaker = Breaker(30, clock)
    for _ in range(4):
        breaker.failed()
    assert breaker.wait_s() == 0
    breaker.failed()
    assert breaker.wait_s() == 30
    clock.now += 31
    assert breaker.wait_s() == 0  # the probe
    assert breaker.wait_s() > 0  # nobody else
    breaker.failed()
    assert breaker.wait_s() == 30
    clock.now += 31
    assert breaker.wait_s() == 0
    breaker.succeeded()
    assert breaker.wait_s() == 0 and not breaker.is_open


def test_half_of_the_last_twenty_opens_it():
    breaker = Breaker(30, Clock())
    for number in range(19):
        breaker.failed() if number % 2 else breaker.succeeded()
    assert not breaker.is_open
    breaker.failed()
    assert breaker.is_open


def test_a_probe_that_was_never_sent_lets_another_go():
    clock = Clock()
    breaker = Breaker(30, clock)
    breaker.trip()
    clock.now += 31
    assert breaker.wait_s() == 0
    breaker.let_go()
    assert breaker.wait_s() == 0


def test_a_429_halves_the_rate_and_answers_raise_it():
    clock = Clock()
    rate = Rate(clock)
    for _ in range(60):
        rate.note_sent(10)
        clock.now += 0.5
    rate.slow_down(None)
    assert rate.requests_a_minute == pytest.approx(60, rel=0.05)  # 120 a minute was too much
    assert rate.wait_s(10) > 0
    slow = rate.requests_a_minute
    rate.speed_up()
    assert rate.requests_a_minute > slow


def test_retry_after_is_kept_to_ten_minutes():
    clock = Clock()
    rate = Rate(clock)
    rate.slow_down(7.0)
    assert rate.wait_s(1) == pytest.approx(7)
    rate.slow_down(100_000)
    assert rate.wait_s(1) == pytest.approx(600)


def test_retry_after_is_seconds_or_a_date():
    assert retry_after_s({"retry-after": "3"}) == 3
    assert retry_after_s({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    assert retry_after_s({}) is None and retry_after_s({"retry-after": "soon"}) is None


def test_headers_say_how_many_requests_and_tokens_go_in_a_minute():
    clock = Clock()
    rate = Rate(clock)
    rate.read_headers({"x-ratelimit-limit-requests": "60", "x-ratelimit-limit-tokens": "100"})
    rate.note_sent(80)
    assert rate.wait_s(10) == pytest.approx(1)
    clock.now += 2
    assert rate.wait_s(10) == 0
    assert rate.wait_s(50) == pytest.approx(58)


def test_an_unknown_price_refuses_and_says_how_to_set_it(workspace):
    with pytest.raises(InputError, match=r"spiritsafe prices set openai/nobodys-model"):
        find_price(workspace, "openai/nobodys-model", use_batch=False)
    with pytest.raises(InputError, match="PROVIDER/MODEL"):
        find_price(workspace, "gpt", use_batch=False)


def test_prices_are_ours_and_batch_is_half(workspace, price):
    plain, batch = (find_price(workspace, MODEL, use_batch=use) for use in (False, True))
    assert plain.source.startswith("user") and batch.input_usd * 2 == plain.input_usd
    listed = find_price(workspace, "openai/gpt-4o-mini", use_batch=False)
    assert 0 < listed.input_usd < listed.output_usd and "litellm" not in listed.source


def test_a_usage_that_cannot_be_is_charged_at_worst_case():
    request = Request((("user", "where is my parcel, please tell me now"),), 20)
    assert PRICE.settled_micros(request, None, 3, 99) == 99
    assert PRICE.settled_micros(request, Usage(0, 3), 3, 99) == 99
    assert PRICE.settled_micros(request, Usage(12, 0), 3, 99) == 99
    assert PRICE.settled_micros(request, Usage(12, 3), 3, 99) == 24


def test_a_name_covers_all_that_decides_the_answer():
    base = Request((("user", "a"),), 20)
    names = {
        one.key(model, url)
        for model, url in (("m", None), ("n", None), ("m", "u"))
        for one in (
            base,
            Request((("user", "b"),), 20),
            Request((("user", "a"),), 21),
            Request((("user", "a"),), 20, 0.5),
        )
    }
    assert len(names) == 12
    assert base.key("m", None) == Request((("user", "a"),), 20, job="other", expected_tokens=9).key("m", None)


@pytest.mark.parametrize("raw", ["", "{", "[]", '{"error": {}}', '{"choices": []}', '{"choices": [{"message": {}}]}'])
def test_anything_else_is_no_reply(raw):
    with pytest.raises(NotAReply):
        read_reply(raw)


def test_caps_over_runs_hold_and_what_is_not_spent_goes_back(workspace, tmp_path, monkeypatch):
    record = Record(workspace)
    first, second = Ledger(tmp_path / "1"), Ledger(tmp_path / "2")
    one, two = Budget(record, "run_1", first, 0.3), Budget(record, "run_2", second, 0.3)
    one.draw(1_000)
    two.draw(1_000)
    assert (one.drawn_micros(), two.drawn_micros()) == (201_000, 99_000)
    with pytest.raises(BudgetReached, match="for a day"):
        two.draw(150_000)
    first.reserve([Call("a", "j", 500)], None, one.drawn_micros())
    one.give_back()
    two.draw(150_000)
    budget.set_total_cap(record, 0.1)
    with pytest.raises(BudgetReached, match="all runs"):
        two.draw(150_000)
    first.close()
    second.close()


def test_a_tranche_is_of_its_day(workspace, tmp_path, monkeypatch):
    ledger = Ledger(tmp_path / "1")
    one = Budget(Record(workspace), "run_1", ledger, 0.3)
    one.draw(1_000)
    monkeypatch.setattr(budget, "today", lambda: "2999-01-01")
    assert one.drawn_micros() == 0
    ledger.close()


def test_a_cap_is_set_for_a_run_that_exists(workspace, make_plan_row, start):
    from pipeline import run

    run_id = run.launch(workspace, make_plan_row(), start).run_id
    budget.set_run_cap(Record(workspace), run_id, 2.5)
    assert views.show_run(workspace, run_id).cap_usd == 2.5
    assert budget.run_cap_micros(Record(workspace), run_id) == 2_500_000
    with pytest.raises(InputError):
        budget.set_run_cap(Record(workspace), run_id, -1)


def test_keys_are_hidden_in_text_logs_and_output(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-0123456789")
    assert keys.find_key("openai/gpt") == "sk-canary-0123456789"
    assert "canary" not in keys.hide("no: Bearer sk-canary-0123456789")
    stream = io.StringIO()
    hiding = keys.HidingStream(stream)
    print(json.dumps({"a": "sk-canary-0123456789"}), file=hiding)
    assert "canary" not in stream.getvalue() and keys.HIDDEN in stream.getvalue()
    record = logging.LogRecord("x", 20, "f", 1, "key %s", ("sk-canary-0123456789",), None)
    assert keys.HidingFilter().filter(record) and "canary" not in record.getMessage()
    assert keys.find_key("nobody/gpt") is None
