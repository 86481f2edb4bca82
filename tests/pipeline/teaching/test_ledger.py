"""The ledger: reserve, send, settle; never below what may be owed, never above the cap."""

import threading
from collections import Counter
from contextlib import closing

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from analytics.errors import BudgetReached
from pipeline.teaching.ledger import Call, Ledger, TrancheEmpty

CAP = 1_000


def race(path, threads=64, worst=7):
    """Workers that reserve and settle through files of their own until the cap stops them."""
    paid, start = Counter(), threading.Barrier(threads)

    def work(number):
        with closing(Ledger(path)) as ledger:
            start.wait()
            for turn in range(20):
                try:
                    (sent,) = ledger.reserve([Call(f"{number}-{turn}", "race", worst)], CAP)
                except BudgetReached:
                    return
                paid[number] += worst - turn % 3
                ledger.settle(sent, "{}", worst - turn % 3)

    Ledger(path).close()
    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return paid.total()


@pytest.mark.parametrize("trial", range(3))
def test_64_workers_never_overrun_a_cap(tmp_path, trial):
    paid = race(tmp_path / "ledger.sqlite")
    assert CAP - 64 * 7 < paid <= CAP


@pytest.mark.slow
@pytest.mark.parametrize("trial", range(100))
def test_64_workers_never_overrun_a_cap_in_a_hundred_races(tmp_path, trial):
    assert race(tmp_path / "ledger.sqlite") <= CAP


def test_a_restart_keeps_what_may_be_owed(tmp_path):
    with closing(Ledger(tmp_path / "l")) as ledger:
        ledger.reserve([Call("a", "j", 10), Call("b", "j", 20)], None)
    with closing(Ledger(tmp_path / "l")) as ledger:
        assert (ledger.recover(), ledger.count("unknown"), ledger.spent_micros()) == (2, 2, 30)
        assert ledger.recover() == 0


def test_lines_of_a_batch_are_not_given_up_at_a_restart(tmp_path):
    with closing(Ledger(tmp_path / "l")) as ledger:
        ledger.reserve([Call("a", "j", 10)], None, batch_ref="mine")
        assert ledger.recover() == 0
        assert ledger.open_batches() == [("mine", None)]
        ledger.name_batch("mine", "theirs")
        assert ledger.open_batches() == [("mine", "theirs")]


def test_what_was_drawn_for_the_day_bounds_it(tmp_path):
    with closing(Ledger(tmp_path / "l")) as ledger:
        ledger.reserve([Call("a", "j", 10)], None, 15)
        with pytest.raises(TrancheEmpty):
            ledger.reserve([Call("b", "j", 10)], None, 15)
        assert ledger.count() == 1


def test_a_send_ends_once(tmp_path):
    with closing(Ledger(tmp_path / "l")) as ledger:
        (sent,) = ledger.reserve([Call("a", "j", 10)], None)
        ledger.settle(sent, "{}", 4)
        with pytest.raises(ValueError):
            ledger.set_free(sent, "late")
        assert (ledger.spent_micros(), ledger.answer("a")) == (4, "{}")


class LedgerMachine(RuleBasedStateMachine):
    """Any order of sends, ends and crashes, beside a bill that the provider keeps."""

    @initialize()
    def begin(self):
        import tempfile
        from pathlib import Path

        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "l"
        self.ledger = Ledger(self.path)
        self.under_way, self.billed, self.stored, self.rows = [], 0, {}, 0

    def teardown(self):
        if hasattr(self, "ledger"):
            self.ledger.close()
            self.folder.cleanup()

    @rule(worst=st.integers(0, 300), number=st.integers(0, 9))
    def send(self, worst, number):
        before = self.ledger.spent_micros()
        try:
            self.under_way += self.ledger.reserve([Call(f"k{number}", "j", worst)], CAP)
            self.rows += 1
        except BudgetReached:
            assert before + worst > CAP

    @precondition(lambda self: self.under_way)
    @rule(share=st.floats(0, 1), at=st.integers(0, 100))
    def answer(self, share, at):
        sent = self.under_way.pop(at % len(self.under_way))
        cost = int(sent.micros * share)
        self.billed += cost
        self.stored[sent.key] = f"{len(self.stored)}"
        self.ledger.settle(sent, self.stored[sent.key], cost)

    @precondition(lambda self: self.under_way)
    @rule(at=st.integers(0, 100), is_billed=st.booleans())
    def drop(self, at, is_billed):
        sent = self.under_way.pop(at % len(self.under_way))
        self.billed += sent.micros if is_billed else 0
        self.ledger.set_unknown(sent, "reset")

    @precondition(lambda self: self.under_way)
    @rule(at=st.integers(0, 100))
    def refuse(self, at):
        self.ledger.set_free(self.under_way.pop(at % len(self.under_way)), "429")

    @rule()
    def crash(self):
        self.billed += sum(sent.micros for sent in self.under_way)
        self.ledger.close()
        self.ledger = Ledger(self.path)
        assert self.ledger.recover() == len(self.under_way)
        self.under_way = []

    @invariant()
    def spending_is_never_below_the_bill_nor_above_the_cap(self):
        if hasattr(self, "ledger"):
            assert self.billed <= self.ledger.spent_micros() <= CAP
            assert self.ledger.count() == self.rows
            assert all(self.ledger.answer(key) == raw for key, raw in self.stored.items())


LedgerMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
TestLedgerMachine = LedgerMachine.TestCase
