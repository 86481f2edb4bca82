"""A paid provider, a price for it, and askers that hurry."""

from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from analytics.price_user import append_user_price
from pipeline.contracts import Teaching
from pipeline.teaching.asker import Asker, Terms
from pipeline.teaching.ledger import Ledger
from pipeline.teaching.patience import Patience
from pipeline.teaching.prices import TeacherPrice
from pipeline.teaching.request import Request
from tests.support.provider import USD_PER_MILLION, Provider

HURRY = Patience(
    deadline_s=1.5, first_wait_s=0.01, longest_wait_s=0.05, open_s=0.1, poll_s=0.02, tries=4, lost_batch_looks=2
)
PRICE = TeacherPrice(*(Decimal(str(usd)) / 1_000_000 for usd in USD_PER_MILLION), "test")
MODEL = "openai/mock"


@pytest.fixture
def provider():
    with Provider() as running:
        yield running


@pytest.fixture
def price(workspace):
    rates = dict(zip(("in", "out"), map(str, USD_PER_MILLION), strict=True))
    append_user_price(workspace.prices, MODEL, rates, None, datetime.now(UTC))


@pytest.fixture
def open_asker(tmp_path, provider):
    """An asker over a ledger of its own, without a workspace."""

    @contextmanager
    def open_now(patience=HURRY, cap_micros=None, concurrency=4, use_batch=False, price=PRICE, **more):
        price = replace(price, input_usd=price.input_usd / 2, output_usd=price.output_usd / 2) if use_batch else price
        terms = Terms(MODEL, provider.url, price, concurrency, use_batch, cap_micros)
        with (
            closing(Ledger(tmp_path / "ledger.sqlite")) as ledger,
            Asker(terms, ledger, patience=patience, seed=1, **more) as asker,
        ):
            yield asker

    return open_now


def questions(count, words="where is parcel", **more):
    return [Request((("user", f"{words} {n}"),), 20, expected_tokens=2, **more) for n in range(count)]


@pytest.fixture
def ask():
    return questions


@pytest.fixture
def teaching(provider):
    return Teaching(MODEL, provider.url, ("relabel",), concurrency=4, max_output_tokens=20)
