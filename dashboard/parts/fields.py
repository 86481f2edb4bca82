"""Fields whose value stands in the address, under the name of the flag that says the same."""

import streamlit as st


def number(label: str, name: str, value: float, low: float, high: float, step: float, form: str, told: str) -> float:
    """A number with its explanation."""
    return float(st.number_input(label, low, high, value, step, format=form, key=name, bind="query-params", help=told))


def count(label: str, name: str, value: int, low: int, high: int, step: int) -> int:
    """A whole number."""
    return int(st.number_input(label, low, high, value, step, key=name, bind="query-params"))


def maybe(label: str, name: str, low: float, form: str) -> float | None:
    """A number that may be left out."""
    found: float | None = st.number_input(
        label, min_value=low, value=None, format=form, key=name, bind="query-params", placeholder="default"
    )
    return found


def whole(value: float | None) -> int | None:
    """A count that may be left out."""
    return None if value is None else int(value)
