"""Discounts and calibrations: on top of the price in force, by whom and why, for some time, for some calls."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import InputError
from analytics.price_adjust import adjustment_of
from analytics.price_rows import rows_of
from analytics.price_table import price_of
from analytics.prices import Asked, PriceBook

PRICE = price_of({"in": "2", "out": "10", "tiers": {"batch": {"in": "1", "out": "5"}}}, "openai/m", "list")


def entry(kind="discount", **fields):
    return adjustment_of(
        {"multiplier": "0.9", "why": "contract", "set_by": "ann", "set_at": "2026-01-02", **fields}, kind
    )


def multipliers(*adjustments, tier="standard", provider="openai"):
    rows = rows_of(provider, "m", [PRICE], tier, adjustments)
    return [(row["effective_from"].date().isoformat(), float(row["paid_multiplier"])) for row in rows]


def test_a_discount_holds_from_its_first_day_to_its_last():
    found = multipliers(entry(**{"from": "2026-02-01", "to": "2026-03-01"}))
    assert found == [("1970-01-01", 1), ("2026-02-01", 0.9), ("2026-03-01", 1)]


def test_the_most_specific_discount_counts_then_the_last():
    assert multipliers(entry(provider="openai"), entry(multiplier="0.5")) == [("1970-01-01", 0.9)]
    assert multipliers(entry(provider="openai"), entry(provider="openai", multiplier="0.8")) == [("1970-01-01", 0.8)]
    assert multipliers(entry(model="m", multiplier="1"), entry(provider="openai")) == [("1970-01-01", 1)]
    assert multipliers(entry(tier="batch"), tier="batch") == [("1970-01-01", 0.9)]
    assert multipliers(entry(tier="batch")) == [("1970-01-01", 1)]


def test_the_seller_counts_even_where_another_list_has_the_price():
    assert multipliers(entry(provider="azure"), provider="azure") == [("1970-01-01", 0.9)]
    assert multipliers(entry(provider="azure"), provider="openai") == [("1970-01-01", 1)]
    assert multipliers(entry(provider="openai"), provider="litellm_proxy") == [("1970-01-01", 0.9)]


def test_a_later_month_s_calibration_replaces_the_earlier_and_multiplies_the_discount():
    september = entry("calibration", multiplier="1.1", **{"from": "2026-09-01"})
    october = entry("calibration", multiplier="1.2", **{"from": "2026-10-01"})
    assert multipliers(entry(), october, september) == [("1970-01-01", 0.9), ("2026-09-01", 0.99), ("2026-10-01", 1.08)]


def test_the_row_says_who_and_why():
    (row,) = rows_of("openai", "m", [PRICE], "standard", [entry()])
    assert row["price_adjustment"] == "discount 10 % (contract; set by ann on 2026-01-02)"


@given(st.decimals(0, 100, places=2))
def test_a_discount_is_exact(percent):
    (row,) = rows_of("openai", "m", [PRICE], "standard", [entry(multiplier=str(1 - percent / 100))])
    assert row["paid_multiplier"] == 1 - percent / 100


def test_a_discount_of_nothing_changes_no_rate():
    without, with_it = (
        [dict(row) for row in rows_of("openai", "m", [PRICE], "standard", a)] for a in ((), [entry(multiplier="1")])
    )
    assert [{**row, "price_adjustment": None} for row in with_it] == without


@pytest.mark.parametrize("fields", ['"multiplier": "x"', '"multiplier": "-1"', '"multiplier": "1", "from": "soon"'])
def test_a_damaged_discount_is_named(tmp_path, fields):
    file = tmp_path / "prices.json"
    file.write_text('{"discounts": [{"set_at": "2026-01-01", ' + fields + "}]}")
    with pytest.raises(InputError, match=r"prices\.json, discount 1"):
        PriceBook.load(file)


def test_other_prices_know_nothing_of_it():
    assert PriceBook.load().rows_for([Asked("openai", "gpt-4o")]).column("paid_multiplier").to_pylist() == [Decimal(1)]
    assert datetime(1970, 1, 1, tzinfo=UTC) == PRICE.effective_from
