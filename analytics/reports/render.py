"""From a page to a document: HTML, PDF or Markdown, all from the templates beside this file."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from analytics.errors import InputError
from analytics.reports.extras import extra
from analytics.reports.svg import dark_rules

TEMPLATES = Path(__file__).parent / "templates"
Format = Literal["html", "pdf", "md"]
FORMATS: Mapping[str, Format] = {".html": "html", ".pdf": "pdf", ".md": "md"}
MARKED = re.compile(r"([\\`*_\[\]|])")


def format_of(path: Path) -> Format:
    """By the file's ending. InputError lists those that are known."""
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        raise InputError(f"--out takes a file that ends in .html, .pdf or .md, not {path.name!r}")
    return found


def render(template: str, to: Format, page: Any, pictures: Mapping[str, str]) -> bytes:
    """A document. template: ``brief`` or ``portfolio``. pictures: SVG by name, for HTML and PDF."""
    if to == "md":
        return _text(f"{template}.md.j2", page, {}).encode()
    html = _text(f"{template}.html.j2", page, pictures)
    return pdf(html) if to == "pdf" else html.encode()


def pdf(html: str) -> bytes:
    """The document on A4. Nothing is fetched: whatever it needs is in it."""
    made: bytes = extra("weasyprint").HTML(string=html, url_fetcher=_refuse).write_pdf()
    return made


def _refuse(url: str, *_: object, **__: object) -> Any:
    raise ValueError(f"a brief fetches nothing: {url}")


def _text(template: str, page: Any, pictures: Mapping[str, str]) -> str:
    found: str = _environment().get_template(template).render(page=page, pictures=pictures, dark_rules=dark_rules())
    return found


@cache
def _environment() -> Any:
    """Everything that reaches an HTML template is escaped, wherever it came from; pictures alone are not."""
    jinja2 = extra("jinja2")
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=lambda name: bool(name) and ".html" in name,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["md"] = as_markdown
    return made


def as_markdown(text: str) -> str:
    r"""A text of which Markdown takes nothing for markup or HTML, on one line.

    >>> as_markdown("a|b <script>"), as_markdown("x\n# y")
    ('a\\|b &lt;script&gt;', 'x # y')
    """
    flat = MARKED.sub(r"\\\1", " ".join(str(text).split()))
    return flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
