"""A teacher's last day: what its vendor has announced, and nothing that was guessed."""

import tomllib
from datetime import date

import pytest

from analytics.assumptions import defaults
from analytics.beside_money import ModelShare
from analytics.changes import Case, changes
from analytics.decision import evaluate
from analytics.drivers import largest
from analytics.retirements import retires_on
from analytics.workspace import SHIPPED


@pytest.mark.parametrize(
    ("provider", "model", "day"),
    [
        ("openai", "gpt-4o", "2027-01-14"),
        (None, "gpt-4o-2024-08-06", "2027-01-14"),
        (None, "gpt-4o-2024-05-13", "2026-10-23"),
        (None, "openai/gpt-4.1-mini", "2027-01-14"),
        (None, "ft:gpt-4o-mini-2024-07-18:acme::abc", "2027-01-14"),
        (None, "GPT-5", "2026-12-11"),
        ("azure", "gpt-4o", None),
        (None, "azure/gpt-4o", None),
        (None, "gpt-4o-audio-preview", None),
        (None, "claude-sonnet-4-20250514", None),
        (None, "", None),
    ],
)
def test_a_day_is_known_or_not(provider, model, day):
    assert retires_on(provider, model) == day


def test_every_shipped_day_has_a_source():
    found = tomllib.loads((SHIPPED / "prices" / "retirements.toml").read_text())
    entries = [entry for vendor in found.values() for entry in vendor]
    assert entries and all(entry["source"].startswith("https://") and entry["on"] for entry in entries)


def test_each_model_with_a_day_is_an_event():
    student = defaults()
    models = (ModelShare("gpt-4o", 0.6, "2027-01-14"), ModelShare("gpt-4", 0.3, "2026-10-23"), ModelShare("x", 0.1))
    case = Case(evaluate(student, fast=True), student, date(2026, 11, 24), {}, models)
    found = [one for one in changes(case, largest(student), {}) if one.code.startswith("teacher")]
    assert [(one.code, one.on) for one in found] == [
        ("teacher-retires", "2027-01-14"),
        ("teacher-retired", "2026-10-23"),
    ]
    assert "60% of the calls" in found[0].sentence and found[0].value is None
