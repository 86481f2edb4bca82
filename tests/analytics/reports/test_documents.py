"""Documents: the same figures in each, nothing from the log taken for markup, two pages on paper, readable by all."""

import dataclasses
import itertools
import json
import re
from html import unescape
from html.parser import HTMLParser

import pytest

from analytics.errors import InputError, MissingExtra
from analytics.reports import extras, present, render
from analytics.reports.blocks import Table
from analytics.reports.documents import brief_document, portfolio_document
from analytics.reports.page import brief_page
from analytics.reports.portfolio_page import portfolio_page
from analytics.terminal import to_json

HOSTILE = "<script>alert(1)</script> | **x** [a](javascript:b) `c` & 'd' \"e\"\n# f"


class Seen(HTMLParser):
    """Tags in order, their attributes, and the text outside pictures and styles."""

    def __init__(self):
        super().__init__()
        self.tags, self.text, self.inside = [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag in ("style", "svg", "title"):
            self.inside.append(tag)

    def handle_endtag(self, tag):
        if self.inside and tag == self.inside[-1]:
            self.inside.pop()

    def handle_data(self, data):
        if not self.inside:
            self.text.append(data)

    def named(self, *names):
        return [attributes for tag, attributes in self.tags if tag in names]


def read(html):
    seen = Seen()
    seen.feed(html)
    return seen


def plain(text):
    """One line, without Markdown's escapes."""
    return " ".join(unescape(re.sub(r"\\([\\`*_\[\]|])", r"\1", text)).replace("**", "").split())


def strings(page):
    """Every text of a page, with the name of its part."""
    for field in dataclasses.fields(page):
        value = getattr(page, field.name)
        if field.name in ("look", "provenance", "title", "narrowness"):
            continue
        stack = [value]
        while stack:
            one = stack.pop()
            if isinstance(one, str):
                yield field.name, one
            elif isinstance(one, Table) and not one.rows:
                continue  # left out, with its header
            elif dataclasses.is_dataclass(one):
                stack += [getattr(one, part.name) for part in dataclasses.fields(one)]
            elif isinstance(one, tuple):
                stack += one


def test_every_text_of_the_page_is_in_both_documents(brief, html, markdown):
    shown, told = plain(" ".join(read(html).text)), plain(markdown)
    found = [(part, " ".join(text.split())) for part, text in strings(brief_page(brief)) if text]
    assert len(found) > 80
    assert not [one for one in found if one[1] not in shown]
    assert not [one for one in found if one[1] not in told]


def test_the_figures_of_the_documents_are_those_of_the_json(brief, html, markdown):
    money = json.loads(to_json(brief))["figures"]
    wanted = [
        present.usd(money[name])
        for name in ("monthly_spend_usd", "star_spend_usd", "npv_24m_p50_usd", "npv_24m_p5_usd", "npv_24m_p95_usd",
                     "one_off_usd", "one_off_p95_usd", "evpi_usd", "evsi_pilot_usd")
    ]  # fmt: skip
    wanted += [present.percent(money[f"p_break_even_{month}m"]) for month in (6, 12, 24)]
    wanted += [present.months(money["payback_months"])]
    for one in json.loads(to_json(brief))["alternatives"]:
        wanted += [one["name"], present.usd(one["npv_24m_usd"]), one["basis"]]
    for document in (plain(" ".join(read(html).text)), plain(markdown)):
        assert not [one for one in wanted if " ".join(one.split()) not in document]


def test_every_part_that_a_leader_asks_for_is_there(html):
    text = plain(" ".join(read(html).text))
    for part in (
        "Spent now", "S*", "Worth over 24 months", "by month 6", "by month 24", "Payback", "Cash at risk", "do nothing",
        "smaller vendor model", "What would change our mind", "Next step", "It costs", "It is worth", "Guarantee",
        "95% confidence", "Coverage foretold", "Cost of one error", "Retire by", "measured", "at their default",
        "Prices of", "speed", "privacy", "reliability", "control", "what a pilot shows",
    ):  # fmt: skip
        assert part in text, part


@pytest.mark.parametrize("to", ["html", "md"])
def test_a_hostile_name_stays_text(brief, to):
    told = brief_document(dataclasses.replace(brief, name=HOSTILE), to).decode()
    if to == "html":
        seen = read(told)
        assert "script" not in {tag for tag, _ in seen.tags} and not seen.named("a")
        assert "<script>alert(1)</script>" in " ".join(seen.text)
    else:
        assert "<script>" not in told
        assert "\n# f" not in told and "[a](javascript" not in told and "**x**" not in told
        assert told.lstrip().startswith("# &lt;script")


def test_hostile_names_in_the_portfolio_stay_text(plan):
    project = dataclasses.replace(plan.projects[0], name=HOSTILE, is_chosen=True)
    line = dataclasses.replace(plan.tasks[0], name=HOSTILE, reason=HOSTILE)
    hostile = dataclasses.replace(plan, projects=(project,), tasks=(line,))
    html = portfolio_document(hostile, "html").decode()
    assert "<script" not in html
    assert portfolio_document(hostile, "pdf").startswith(b"%PDF")
    assert "<script" not in portfolio_document(hostile, "md").decode()


@pytest.mark.parametrize("document", ["html", "plan_html"])
def test_a_document_is_self_contained_and_runs_nothing(document, request):
    seen = read(request.getfixturevalue(document))
    assert not seen.named("script", "link", "img", "iframe", "object", "a", "form")
    assert not [name for _, attributes in seen.tags for name in attributes if name.startswith("on")]
    assert not [one for _, attributes in seen.tags for key, one in attributes.items() if key in ("src", "href") and one]
    policy = next(one for one in seen.named("meta") if one.get("http-equiv"))
    assert policy["content"].startswith("default-src 'none'")


@pytest.mark.parametrize("document", ["html", "plan_html"])
def test_a_document_can_be_read_without_seeing_it(document, request):
    seen = read(request.getfixturevalue(document))
    levels = [int(tag[1]) for tag, _ in seen.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(deeper <= before + 1 for before, deeper in itertools.pairwise(levels))
    assert len(seen.named("caption")) == len(seen.named("table")) > 1
    pictures = [one for one in seen.named("div") if one.get("role") == "img"]
    assert len(pictures) == len(seen.named("figure")) >= 1
    assert all(len(one["aria-label"]) > 20 for one in pictures)
    assert all(one.get("scope") in ("col", "row") for one in seen.named("th"))
    assert seen.named("html")[0]["lang"] == "en"


def test_a_brief_fits_on_two_pages_and_its_appendix_and_a_portfolio_starts_with_one(html, plan_html):
    weasyprint = pytest.importorskip("weasyprint")
    assert len(weasyprint.HTML(string=html).render().pages) == 3
    assert len(weasyprint.HTML(string=plan_html).render().pages) == 1


def test_a_pdf_fetches_nothing():
    with pytest.raises(ValueError, match="fetches nothing"):
        render._refuse("https://example.org/x.png")


def test_both_appearances_are_in_the_document_and_paper_is_light(html):
    assert "@media screen and (prefers-color-scheme: dark)" in html
    style = html[html.index("<style>") : html.index("</style>")]
    assert 'svg [fill="#0b6e69"] { fill: #4fd1c5; }' in style


def test_the_footer_says_how_to_make_it_again(brief, html):
    text = plain(" ".join(read(html).text))
    for part in (brief.provenance.data_version, brief.provenance.snapshot_id, f"spiritsafe report {brief.task_id}"):
        assert part in text


def test_the_portfolio_document_ranks_and_shows_risk(plan, plan_html):
    page = portfolio_page(plan)
    text = plain(" ".join(read(plan_html).text))
    for _, one in strings(page):
        assert " ".join(one.split()) in text, one
    assert "chance of loss" in text and "Totals are simulated" in text


def test_a_missing_library_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "weasyprint", None)
    with pytest.raises(MissingExtra, match=r"spiritsafe\[pdf\]"):
        render.pdf("<p>x</p>")
    assert extras.missing(("no_such_library",)) and extras.missing(("json",)) is None


def test_the_format_is_told_by_the_ending(tmp_path):
    assert [render.format_of(tmp_path / name) for name in ("a.html", "a.PDF", "a.md")] == ["html", "pdf", "md"]
    with pytest.raises(InputError, match=r"\.html, \.pdf or \.md"):
        render.format_of(tmp_path / "a.docx")
