"""The asker against a provider that charges: one ledger row for each HTTP request, whatever goes wrong."""

from dataclasses import replace

import pytest

from analytics.errors import BudgetReached
from pipeline.teacher import ProviderError
from tests.pipeline.teaching.conftest import HURRY

TRANSIENT = ("429", "429-retry-after", "500", "503", "billed-500", "reset", "hang", "half", "wrong-json", "error-body")


def check_books(asker, provider):
    assert asker.ledger.count() == provider.requests
    assert asker.ledger.spent_micros() >= provider.charged_micros()
    assert asker.ledger.count("sent") == 0


def test_what_is_known_is_not_asked_again(open_asker, provider, ask):
    with open_asker() as asker:
        first = asker.ask_all(ask(30))
        assert [reply.text for reply in first] == ["yes"] * 30 and provider.requests == 30
        assert asker.ledger.spent_micros() == provider.charged_micros()
        assert asker.ask_all(ask(30)) == first and asker.counts.hits == 30
    with open_asker() as asker:
        assert asker.ask_all(ask(30)) == first and provider.requests == 30


@pytest.mark.parametrize("fault", TRANSIENT)
def test_every_request_is_a_row_and_a_fault_is_got_over(open_asker, provider, ask, fault):
    provider.fault = lambda number: fault if number in (3, 4, 9) else None
    with open_asker() as asker:
        assert all(asker.ask_all(ask(12)))
        check_books(asker, provider)
        assert provider.requests == 15 and asker.ledger.answers() == 12
        assert asker.ledger.count("free" if fault.startswith("429") else "unknown") == 3


def test_a_wrong_usage_is_charged_at_worst_case(open_asker, provider, ask):
    provider.fault = lambda number: "wrong-usage" if number > 30 else None
    with open_asker() as asker:
        asker.ask_all(ask(25))
        asker.ask_all(ask(10, "and where is"))
        check_books(asker, provider)
        assert asker.ledger.spent_micros() > provider.charged_micros()


@pytest.mark.parametrize("fault", ["400", "401"])
def test_a_refusal_stops_the_run_at_once(open_asker, provider, ask, fault):
    provider.fault = lambda number: fault
    with open_asker() as asker:
        with pytest.raises(ProviderError, match="refused"):
            asker.ask_all(ask(40))
        check_books(asker, provider)
        assert provider.requests <= 4 and asker.ledger.spent_micros() == 0


def test_a_question_that_fails_by_itself_is_given_up(open_asker, provider, ask):
    provider.answer = lambda text: "yes"
    provider.fault = lambda number: None
    bad = {"where is parcel 7"}
    complete = provider.complete

    def sometimes(body, share=1.0, fault=None):
        found = complete(body, share, fault)
        if body["messages"][-1]["content"] in bad:
            found["choices"] = []
        return found

    provider.complete = sometimes
    with open_asker() as asker:
        replies = asker.ask_all(ask(30))
        check_books(asker, provider)
        assert [place for place, reply in enumerate(replies) if reply is None] == [7]
        assert asker.counts.gave_up == 1 and provider.requests == 29 + HURRY.tries


def test_an_outage_is_waited_for(open_asker, provider, ask):
    provider.fault = lambda number: "503" if 10 < number <= 30 else None
    with open_asker(cap_micros=10**9) as asker:
        assert all(asker.ask_all(ask(40)))
        check_books(asker, provider)


def test_repeats_beyond_a_tenth_wait_for_the_breaker(open_asker, provider, ask):
    provider.fault = lambda number: "429" if number % 2 else None
    with open_asker(replace(HURRY, free_repeats=3)) as asker:
        tripped = []
        trip = asker._breaker.trip
        asker._breaker.trip = lambda: (tripped.append(1), trip())
        asker._rate.slow_down = lambda wait: None
        assert all(asker.ask_all(ask(10)))
        check_books(asker, provider)
        assert tripped


def test_a_cap_stops_before_it_is_passed_and_a_higher_one_goes_on(open_asker, provider, ask):
    cap = 1_500
    with open_asker(cap_micros=cap, concurrency=64) as asker, pytest.raises(BudgetReached, match="cap"):
        asker.ask_all(ask(300))
    paid = provider.requests
    assert 0 < provider.charged_micros() <= cap and paid < 300
    with open_asker(cap_micros=10**9) as asker:
        assert all(asker.ask_all(ask(300)))
        check_books(asker, provider)
        assert provider.requests == 300 and provider.repeats() == 0


def test_a_canary_stops_what_costs_too_much_and_a_higher_cap_accepts_it(open_asker, provider, ask):
    provider.answer = lambda text: "a very long answer that nobody expected to be so long at all" * 2
    with (
        open_asker(cap_micros=10_000_000) as asker,
        pytest.raises(BudgetReached, match=r"\$0\.\d+.*1\.5 times.*\$0\.\d+"),
    ):
        asker.ask_all(ask(60))
    assert provider.requests == 20
    with open_asker(cap_micros=10_000_000) as asker, pytest.raises(BudgetReached):
        asker.ask_all(ask(60))
    assert provider.requests == 20
    with open_asker(cap_micros=20_000_000) as asker:
        assert all(asker.ask_all(ask(60)))


def test_a_stop_request_is_seen_before_each_send(open_asker, provider, ask):
    class Stop(Exception):
        pass

    def stop():
        if provider.requests >= 10:
            raise Stop

    with open_asker(before_send=stop) as asker:
        with pytest.raises(Stop):
            asker.ask_all(ask(60))
        check_books(asker, provider)
    assert provider.requests <= 14


def test_answers_of_other_runs_are_used(open_asker, provider, ask, tmp_path):
    with open_asker() as asker:
        asker.ask_all(ask(1))
        (key,) = [ask(1)[0].key(asker.terms.model, asker.terms.api_base)]
        raw = asker.ledger.answer(key)
    (tmp_path / "ledger.sqlite").unlink()
    with open_asker(earlier=lambda wanted: raw if wanted == key else None) as asker:
        assert all(asker.ask_all(ask(2))) and provider.requests == 2
        assert asker.ledger.count() == 1 and asker.ledger.answers() == 2


def test_a_batch_costs_half_and_each_line_is_a_row(open_asker, provider, ask):
    with open_asker(use_batch=True) as asker:
        assert all(asker.ask_all(ask(50)))
        check_books(asker, provider)
        assert asker.ledger.spent_micros() == provider.charged_micros() and provider.repeats() == 0
        assert len(provider.batches) == 2  # the canary, the rest


def test_lines_that_a_batch_leaves_out_are_submitted_again(open_asker, provider, ask):
    provider.fault = lambda number: "500" if number in (5, 30) else None
    with open_asker(use_batch=True) as asker:
        assert all(asker.ask_all(ask(50)))
        check_books(asker, provider)
        assert asker.ledger.count("free") == 2 and provider.repeats() == 0


@pytest.mark.parametrize("moment", ["file", "batch", "poll", "results"])
def test_a_crash_at_any_step_of_a_batch_pays_nothing_twice(open_asker, provider, ask, moment, tmp_path):
    """The worker is gone when the answer comes: its own state is as the ledger has it."""

    class Crash(BaseException):
        pass

    def crash():
        raise Crash

    from pipeline import teacher

    seen = []
    provider.on_event = seen.append
    original = teacher.BatchService._send

    def send(self, method, path, **more):
        found = original(self, method, path, **more)
        if moment in seen:
            crash()
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(teacher.BatchService, "_send", send)
        with pytest.raises(Crash), open_asker(use_batch=True) as asker:
            asker.ask_all(ask(50))
    with open_asker(use_batch=True) as asker:
        assert all(asker.ask_all(ask(50)))
        check_books(asker, provider)
    assert provider.repeats() == 0 and provider.requests == 50
