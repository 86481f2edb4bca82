"""How figures look on a page. Formatting only: what a figure is worth is decided in ``analytics``."""

import re
import textwrap
from datetime import date, datetime

from analytics.amounts import said

MISSING = "–"
MINUS = "−\u2060"  # never parted from its figure at the end of a line
TO = "\u00a0to\u00a0"
DASH = "–\u2060"
_SCALES = ((1e9, "B"), (1e6, "M"), (1e3, "K"))


def usd(value: float | None) -> str:
    """Money for a glance: three figures.

    >>> usd(12_345), usd(1_250_000), usd(4.5), usd(0), usd(None)
    ('$12.3K', '$1.25M', '$4.50', '$0', '–')
    >>> usd(-981) == MINUS + "$981"
    True
    """
    if value is None:
        return MISSING
    sign, amount = (MINUS if value < 0 else ""), abs(value)
    for scale, letter in _SCALES:
        if amount >= 0.9995 * scale:
            return f"{sign}${_three_figures(amount / scale)}{letter}"
    return f"{sign}${amount:.2f}" if 0 < amount < 10 else f"{sign if amount >= 0.5 else ''}${amount:.0f}"


def _three_figures(value: float) -> str:
    """Three figures at most, without trailing zeros behind the point."""
    text = f"{value:.{max(0, 3 - len(str(int(value + 0.0005))))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def usd_range(low: float | None, high: float | None) -> str:
    """From where to where.

    >>> usd_range(27_400, 101_000).replace(TO, " to ")
    '$27.4K to $101K'
    """
    return MISSING if low is None or high is None else f"{usd(low)}{TO}{usd(high)}"


def percent(share: float | None, digits: int = 0) -> str:
    """A share in percent; a share that only rounds to all or nothing is not shown as such.

    >>> percent(0.934), percent(0.0312, 1), percent(0.9998), percent(0.0004, 1), percent(1.0), percent(None)
    ('93%', '3.1%', 'above 99%', 'below 0.1%', '100%', '–')
    """
    if share is None:
        return MISSING
    step = 10.0**-digits
    value = 100 * share
    if 0 < value < step / 2:
        return f"below {step:.{digits}f}%"
    if 100 - step / 2 < value < 100:
        return f"above {100 - step:.{digits}f}%"
    return f"{value:.{digits}f}%"


def percent_range(low: float | None, high: float | None, digits: int = 0) -> str:
    """From which share to which.

    >>> percent_range(0.9, 0.958) == f"90{DASH}96%"
    True
    """
    if low is None or high is None:
        return MISSING
    between = TO if low < 0 else DASH
    return f"{100 * low:.{digits}f}{between}{100 * high:.{digits}f}%"


def count(value: float | None) -> str:
    """A number of things.

    >>> count(61_204.3), count(None)
    ('61,204', '–')
    """
    return MISSING if value is None else f"{value:,.0f}"


def months(value: float | None) -> str:
    r"""A payback time.

    >>> months(5.42).replace("\u00a0", " "), months(None)
    ('5.4 months', 'never')
    """
    return "never" if value is None else f"{value:.1f}\u00a0months"


def milliseconds(value: float | None) -> str:
    """A duration [ms] for a glance.

    >>> milliseconds(0.964), milliseconds(563), milliseconds(2_340)
    ('0.96 ms', '563 ms', '2.3 s')
    """
    if value is None:
        return MISSING
    if value >= 1_000:
        return f"{value / 1_000:.1f} s"
    return f"{value:.0f} ms" if value >= 10 else f"{value:.2g} ms"


def seconds(value: float | None) -> str:
    """A duration [s] for a glance.

    >>> seconds(4.21), seconds(95), seconds(7_300), seconds(None)
    ('4.2 s', '1 min 35 s', '2 h 1 min', '–')
    """
    if value is None:
        return MISSING
    if value < 60:
        return f"{value:.1f} s" if value < 10 else f"{value:.0f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def size(count_bytes: float | None) -> str:
    """A size on disk.

    >>> size(14_335_316)
    '14.3 MB'
    """
    return MISSING if count_bytes is None else f"{count_bytes / 1e6:.1f} MB"


def day(when: date | str | None) -> str:
    """A day without its year, for a line of provenance.

    >>> day("2026-11-22T10:00:00+00:00"), day(None)
    ('22 Nov', '–')
    """
    found = _as_date(when)
    return MISSING if found is None else f"{found.day} {found:%b}"


def day_and_year(when: date | str | None) -> str:
    """A day with its year.

    >>> day_and_year("2025-04-17")
    '17 Apr 2025'
    """
    found = _as_date(when)
    return MISSING if found is None else f"{found.day} {found:%b %Y}"


def moment(when: str | None) -> str:
    """Day and minute, UTC.

    >>> moment("2026-11-24T03:48:33.414246+00:00")
    '24 Nov 03:48 UTC'
    """
    if when is None:
        return MISSING
    at = datetime.fromisoformat(when)
    return f"{at.day} {at:%b %H:%M} UTC"


def _as_date(when: date | str | None) -> date | None:
    return datetime.fromisoformat(when).date() if isinstance(when, str) else when


def plural(number: int, thing: str) -> str:
    """How many of a thing.

    >>> plural(1, "task"), plural(10, "task")
    ('1 task', '10 tasks')
    """
    return f"{number} {thing}{'' if number == 1 else 's'}"


def file_name(name: str) -> str:
    """A name that every file system takes.

    >>> file_name("sort: <mail>/../now")
    'sort-mail-now'
    """
    return "-".join(re.findall(r"[\w]+", name)) or "brief"


def words(name: str) -> str:
    """A name of the code as a person would write it.

    >>> words("yearly_price_decline"), words("monthly_spend_usd")
    ('yearly price decline', 'monthly spend')
    """
    return said(name).replace("-", " ")


def as_text(sentence: str) -> str:
    r"""A sentence for a page that reads Markdown: two dollar signs would be taken for a formula.

    >>> as_text("$5 to $9")
    '\\$5 to \\$9'
    """
    return sentence.replace("$", "\\$")


def sentence(text: str) -> str:
    """A sentence that stands alone, for a page that reads Markdown.

    >>> sentence("worth nothing.")
    'Worth nothing.'
    """
    return as_text(text[:1].upper() + text[1:])


def shorten(text: str, characters: int) -> str:
    """The start of a text, cut between words; the whole text stands elsewhere.

    >>> shorten("It costs $1,538 a month; below $5,000 no student pays.", 30)
    'It costs $1,538 a month; …'
    """
    return textwrap.shorten(text, characters, placeholder=" …")


def compact(value: float | None) -> str:
    """A large number of things for a glance.

    >>> compact(24_092_622.9), compact(13_726_818_714), compact(950), compact(None)
    ('24.1M', '13.7B', '950', '–')
    """
    return MISSING if value is None else usd(value).replace("$", "") if value >= 1000 else count(value)


def evidence(e_value: float) -> str:
    """An e-value for people: beyond a million the digits say nothing more.

    >>> evidence(153.2), evidence(1.6e40)
    ('153', 'over 1,000,000')
    """
    return "over 1,000,000" if e_value > 1e6 else f"{e_value:,.3g}"
