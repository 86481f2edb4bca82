"""An asker with everything that a run of a workspace needs: its ledger, its caps, its stop request, its keys hidden."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from analytics.record import Record
from analytics.workspace import Workspace
from pipeline.contracts import Teaching
from pipeline.teaching.asker import Asker, Terms
from pipeline.teaching.budget import Budget, micros_of, run_cap_micros
from pipeline.teaching.keys import hide_in_output
from pipeline.teaching.ledger import FILE, Ledger
from pipeline.teaching.patience import USUAL, Patience
from pipeline.teaching.prices import TeacherPrice, find_price


class StopRequested(Exception):
    """Somebody asked the run to stop."""


@contextmanager
def open_asker(
    workspace: Workspace, run_id: str, teaching: Teaching, cap_usd: float | None = None, patience: Patience = USUAL
) -> Iterator[Asker]:
    """The asker of one run. Prices stay those of the run's first call; the cap is the one that holds now."""
    hide_in_output()
    folder = workspace.runs / run_id
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    record = Record(workspace)
    with ExitStack() as stack:
        ledger = stack.enter_context(closing(Ledger(folder / FILE)))
        price = find_price(workspace, teaching.model, use_batch=teaching.use_batch)
        pinned = TeacherPrice.of_json(ledger.pin(f"price {teaching.model} {teaching.use_batch}", price.as_json()))
        cap = run_cap_micros(record, run_id)
        terms = Terms(
            teaching.model,
            teaching.api_base,
            pinned,
            teaching.concurrency,
            teaching.use_batch,
            micros_of(cap_usd) if cap is None else cap,
        )
        budget = Budget(record, run_id, ledger, teaching.daily_cap_usd)
        stop = stack.enter_context(_stop_check(workspace, run_id))
        earlier = stack.enter_context(_earlier_answers(workspace, run_id))
        asker = Asker(terms, ledger, budget=budget, earlier=earlier, before_send=stop, patience=patience)
        yield stack.enter_context(asker)


@contextmanager
def _stop_check(workspace: Workspace, run_id: str) -> Iterator[Callable[[], None]]:
    """Reads the record through a connection of its own that stays open: it is asked before every single call."""
    with closing(_reader(workspace.control)) as control:

        def check() -> None:
            row = control.execute("select cancel_requested from runs where run_id = ?", (run_id,)).fetchone()
            if row is not None and row[0]:
                raise StopRequested

        yield check


@contextmanager
def _earlier_answers(workspace: Workspace, run_id: str) -> Iterator[Callable[[str], str | None]]:
    """Finds what other runs of the workspace have paid for: a question is not paid twice because a plan changed."""
    with ExitStack() as stack:
        files = sorted(path for path in workspace.runs.glob(f"*/{FILE}") if path.parent.name != run_id)
        ledgers = [stack.enter_context(closing(_reader(path))) for path in files]

        def find(key: str) -> str | None:
            for ledger in ledgers:
                with suppress(
                    sqlite3.Error
                ):  # one that another version wrote, or that is damaged, is no reason to stop
                    row = ledger.execute("select raw from answers where key = ?", (key,)).fetchone()
                    if row is not None:
                        return str(row[0])
            return None

        yield find


def _reader(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5, check_same_thread=False)
