"""The stored calls at other prices: another day's, another snapshot's, or another model's. Nothing stored changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from analytics.analyze import latest_snapshot
from analytics.errors import DataMissing, InputError
from analytics.price_names import spellings
from analytics.price_rows import rows_of, scaled, table_of
from analytics.price_table import ALWAYS, Price, in_force
from analytics.prices import Asked, PriceBook
from analytics.store import Store, open_store
from analytics.tokenizers import TokenRatio, token_ratio
from analytics.workspace import Workspace


@dataclass(frozen=True)
class TaskCost:
    """One task's calls at the prices in force and at the others [USD]."""

    task_id: str
    name: str
    calls: Decimal
    cost_usd: Decimal | None  # at the prices in force on the day of each call
    repriced_usd: Decimal | None  # with the logged token counts
    low_usd: Decimal | None  # equal to high_usd where the tokens would not differ
    high_usd: Decimal | None
    unpriced_calls: Decimal  # no price known on one of the sides, whose sum leaves them out


@dataclass(frozen=True)
class Repriced:
    """The stored calls of a stretch of time at other prices."""

    start: datetime
    end: datetime
    how: str
    token_ratio: TokenRatio | None
    tasks: Sequence[TaskCost]
    total: TaskCost


@dataclass(frozen=True)
class Other:
    """Prices that are put in place of those in force."""

    how: str
    low: pa.Table
    same: pa.Table
    high: pa.Table
    ratio: TokenRatio | None = None


def models_of(store: Store) -> list[Asked]:
    """Every provider, model and tier in the log."""
    return [Asked(**row) for row in store.rows("list_models")]


def on_day(book: PriceBook, asked: Iterable[Asked], moment: datetime) -> pa.Table:
    """Each model at the price in force at one moment, whatever the day of the call."""
    rows: list[dict[str, object]] = []
    for one in asked:
        price = in_force(book.prices_for(one.provider, one.model or ""), moment)
        rows += _for_ever(book, one, price, moment)
    return table_of(rows)


def _for_ever(book: PriceBook, one: Asked, price: Price | None, moment: datetime) -> Iterable[dict[str, object]]:
    """The rows of a price that hold at a moment, stretched over all time: discounts of that moment with them."""
    held = [price] if price else []
    for row in rows_of(one.provider, one.model or "", held, one.tier_key, book.adjustments):
        (start, end) = (row["effective_from"], row["effective_to"])
        assert isinstance(start, datetime) and isinstance(end, datetime)
        if start <= moment < end:
            yield {**row, "effective_from": ALWAYS, "effective_to": datetime.max.replace(tzinfo=moment.tzinfo)}


def as_if(book: PriceBook, asked: Sequence[Asked], swaps: Mapping[str, str], given: TokenRatio | None) -> Other:
    """Calls of some models at other models' prices of the day of each call. Raises InputError, DataMissing."""
    rows: dict[str, list[dict[str, object]]] = {"low": [], "same": [], "high": []}
    ratios: list[TokenRatio] = []
    unused = set(swaps)
    for one in asked:
        meant = next((name for name in swaps if name in (one.model, *spellings(one.model or ""))), None)
        if meant is None:
            for kept in rows.values():
                kept += book.rows_for([one]).to_pylist()
            continue
        unused.discard(meant)
        ratio = given or token_ratio(one.model or "", swaps[meant])
        ratios.append(ratio)
        table = _swapped(book, one, swaps[meant])
        for side, times in (("low", ratio.low), ("same", Decimal(1)), ("high", ratio.high)):
            rows[side] += scaled(table, times).to_pylist()
    if unused:
        raise InputError(
            f"no call was made to {', '.join(sorted(unused))}; see: spiritsafe sql 'select distinct model from calls'"
        )
    how = ", ".join(f"{old} as {new}" for old, new in swaps.items())
    low, same, high = (table_of(rows[side]) for side in ("low", "same", "high"))
    return Other(how, low, same, high, max(ratios, key=lambda ratio: ratio.high))


def _swapped(book: PriceBook, one: Asked, other: str) -> pa.Table:
    prices = book.prices_for(None, other)
    if not prices:
        raise DataMissing(
            f"no price is known for {other}; set one: spiritsafe prices set PROVIDER/MODEL --input USD --output USD"
        )
    first = prices[0]  # a model that did not exist yet is asked what it cost first
    since = [Price(ALWAYS, first.tiers, first.listed_as, first.source, first.tier_sources), *prices[1:]]
    rows = rows_of(first.listed_as.split("/")[0], other, since, one.tier_key, book.adjustments)
    return table_of({**row, "provider": one.provider, "model": one.model} for row in rows)


def reprice(workspace: Workspace, other: Other, start: datetime | None = None, end: datetime | None = None) -> Repriced:
    """Stored calls at the prices in force and at the other ones. Raises DataMissing."""
    with open_store(workspace, latest_snapshot(workspace)) as store:
        (period,) = store.rows("show_log_period")
        if period["first_at"] is None:
            raise DataMissing(f"no calls in {workspace.home}; import a log first: spiritsafe import PATH")
        begin, until = start or period["first_at"], end or datetime.max.replace(tzinfo=period["last_at"].tzinfo)
        names = {row["task_id"]: row["name"] for row in store.rows("list_task_names")}
        now = task_costs(store, begin, until)
        sides = []
        for table in (other.same, other.low, other.high) if other.ratio else (other.same,):
            store.register("price_rows", table)
            sides.append(task_costs(store, begin, until))
    tasks = [_task(task_id, names, row, [side[task_id] for side in sides]) for task_id, row in now.items()]
    tasks.sort(key=lambda task: -(task.cost_usd or Decimal(0)))
    shown_end = min(until, period["last_at"])
    return Repriced(begin, shown_end, other.how, other.ratio, tasks, _total(tasks))


def task_costs(store: Store, start: datetime, end: datetime) -> dict[str, dict[str, Any]]:
    """What each task cost in a stretch of time, at the prices that the store shows."""
    return {row["task_id"]: row for row in store.rows("sum_task_costs", start=start, end=end)}


def _task(task_id: str, names: Mapping[str, str], now: Mapping[str, Any], sides: list[Mapping[str, Any]]) -> TaskCost:
    repriced, low, high = (side["cost_usd"] for side in (sides * 3 if len(sides) == 1 else sides))
    unpriced = max(Decimal(str(row["unpriced_calls"])) for row in (now, *sides))
    name = names.get(task_id, "not analysed yet")
    return TaskCost(task_id, name, Decimal(str(now["calls"])), now["cost_usd"], repriced, low, high, unpriced)


def _total(tasks: Sequence[TaskCost]) -> TaskCost:
    def added(field: str) -> Decimal | None:
        known = [value for task in tasks if (value := getattr(task, field)) is not None]
        return sum(known, Decimal(0)) if known else None

    return TaskCost(
        task_id="",
        name="all",
        calls=sum((task.calls for task in tasks), Decimal(0)),
        cost_usd=added("cost_usd"),
        repriced_usd=added("repriced_usd"),
        low_usd=added("low_usd"),
        high_usd=added("high_usd"),
        unpriced_calls=sum((task.unpriced_calls for task in tasks), Decimal(0)),
    )
