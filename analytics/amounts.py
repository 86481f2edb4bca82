"""Values with their units, as a person would write them."""


def amount(value: float, unit: str) -> str:
    """A value with its unit, as a person would write it.

    >>> amount(0.4553, "share / year"), amount(15808.9, "USD / month"), amount(6, "weeks")
    ('45.5%', '$15,809', '6 weeks')
    >>> amount(0.00108, "USD / call")
    '$0.00108'
    """
    if unit.startswith("share"):
        return f"{100 * value:.3g}%"
    if unit.startswith("USD") and 0 < abs(value) < 10:
        return f"{'-' if value < 0 else ''}${abs(value):.3g}"
    return usd(value) if unit.startswith("USD") else f"{value:.3g} {unit}"


def usd(value: float) -> str:
    """Dollars for a sentence: whole, with the sign in front.

    >>> usd(-1234.5), usd(17230.86)
    ('-$1,234', '$17,231')
    """
    return f"{'-' if value <= -0.5 else ''}${abs(value):,.0f}"
