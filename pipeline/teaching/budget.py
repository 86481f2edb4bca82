"""Caps over several runs: a run draws a tranche of today's money from the record before it sends.

The record is written once a tranche and not once a call, and two runs can never draw the same dollar. A worker that
dies keeps its tranche drawn until it is resumed, so a cap may stop others early and never late.
"""

import sqlalchemy as sa

from analytics.errors import BudgetReached, InputError
from analytics.record import Record, budgets, runs, tranches
from pipeline.teaching.ledger import Ledger, today

TRANCHE_MICROS = 200_000  # 0.20 USD
TOTAL = "total"


class Budget:
    """One run's share of the workspace's money."""

    def __init__(self, record: Record, run_id: str, ledger: Ledger, daily_cap_usd: float | None) -> None:
        self._record = record
        self._run_id = run_id
        self._ledger = ledger
        self._daily = micros_of(daily_cap_usd)
        self._day, self._drawn = "", 0

    def drawn_micros(self) -> int:
        """What may be paid today without asking the record again."""
        if self._day != today():
            self._day, self._drawn = today(), 0
        return self._drawn

    def draw(self, wanted: int) -> None:
        """Room for ``wanted`` more today, and more where that fits. Raises BudgetReached naming the cap."""
        need = self._ledger.spent_micros(today()) + wanted
        with self._record.write() as connection:
            mine = (tranches.c.run_id == self._run_id) & (tranches.c.day == today())
            others = sa.select(sa.func.coalesce(sa.func.sum(tranches.c.micros), 0)).where(~mine)
            of_day = connection.execute(others.where(tranches.c.day == today())).scalar_one()
            in_all = connection.execute(others).scalar_one()
            total = connection.execute(
                sa.select(budgets.c.cap_micros).where(budgets.c.name == TOTAL)
            ).scalar_one_or_none()
            room = min(_room("a day", self._daily, of_day, need), _room("all runs", total, in_all, need))
            self._drawn = int(min(room, need + TRANCHE_MICROS))
            self._day = today()
            connection.execute(tranches.delete().where(mine))
            connection.execute(tranches.insert().values(run_id=self._run_id, day=self._day, micros=self._drawn))
            self._note(connection)

    def give_back(self) -> None:
        """Keep drawn what was paid and no more; the run's spending in the record follows."""
        with self._record.write() as connection:
            for day in self._ledger.days():
                mine = (tranches.c.run_id == self._run_id) & (tranches.c.day == day)
                connection.execute(tranches.delete().where(mine))
                row = {"run_id": self._run_id, "day": day, "micros": self._ledger.spent_micros(day)}
                connection.execute(tranches.insert().values(**row))
            self._note(connection)
        self._drawn = 0

    def _note(self, connection: sa.Connection) -> None:
        spent = self._ledger.spent_micros()
        connection.execute(runs.update().where(runs.c.run_id == self._run_id).values(spent_micros=spent))


def _room(what: str, cap: int | None, taken: int, need: int) -> float:
    if cap is None:
        return float("inf")
    if taken + need > cap:
        raise BudgetReached(
            f"the cap of ${cap / 1e6:,.4f} for {what} is reached: ${taken / 1e6:,.4f} is taken by other runs or days, "
            f"and this one would need ${need / 1e6:,.4f}"
        )
    return cap - taken


def micros_of(usd: float | None) -> int | None:
    """Whole micro-dollars, rounded down: a cap is never exceeded by rounding."""
    return None if usd is None else int(usd * 1_000_000 + 1e-6)


def set_total_cap(record: Record, usd: float) -> None:
    """Most that all runs of the workspace together may pay."""
    with record.write() as connection:
        connection.execute(budgets.delete().where(budgets.c.name == TOTAL))
        connection.execute(budgets.insert().values(name=TOTAL, cap_micros=_amount(usd)))


def set_run_cap(record: Record, run_id: str, usd: float) -> None:
    """Raise or lower what one run may pay; a resumed run goes by it."""
    with record.write() as connection:
        connection.execute(runs.update().where(runs.c.run_id == run_id).values(cap_micros=_amount(usd)))


def run_cap_micros(record: Record, run_id: str) -> int | None:
    """The cap as it is now; None without one."""
    with record.read() as connection:
        found = connection.execute(sa.select(runs.c.cap_micros).where(runs.c.run_id == run_id)).scalar_one_or_none()
    return None if found is None else int(found)


def _amount(usd: float) -> int:
    if not 0 <= usd < 1e9:
        raise InputError(f"a cap is an amount of USD, not {usd}")
    return micros_of(usd) or 0
