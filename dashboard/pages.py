"""Which pages there are. Links between pages name them here, so that a link cannot point nowhere."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class PageFile:
    """One page: its script, its name in the menu, and its address."""

    script: str
    title: str
    address: str | None  # None: the first page, whose address is /
    purpose: str

    def as_streamlit(self) -> Any:
        """The page for ``st.navigation``."""
        import streamlit as st

        return st.Page(
            self.script, title=self.title, url_path=self.address, default=self.address is None, help=self.purpose
        )


PORTFOLIO = PageFile("views/portfolio.py", "Portfolio", None, "What every task costs and which are worth distilling.")
BRIEF = PageFile("views/brief.py", "Task brief", "brief", "One task: the verdict, its range, what would change it.")
DATA = PageFile("views/data_and_prices.py", "Data and prices", "data", "What was imported, covered, priced and billed.")
LAUNCH = PageFile("views/launch.py", "Launch", "launch", "Plan students for a task, see cost and time, start the runs.")
RUNS = PageFile("views/runs.py", "Runs", "runs", "Follow runs, stop them, resume them, copy them.")
COMPARE = PageFile("views/compare.py", "Compare", "compare", "Students beside each other: cost, quality, answers.")
STUDENTS = PageFile("views/students.py", "Students", "students", "What serves, how well, and what it saves.")
ROUTER = PageFile(
    "views/router_and_failures.py", "Router and failures", "router", "Where the cut is, what fell below it."
)
REEVALUATIONS = PageFile("views/reevaluations.py", "Re-evaluations", "reevaluations", "What changed, and what to do.")

GROUPS = {
    "Decide": (PORTFOLIO, BRIEF, DATA),
    "Build": (LAUNCH, RUNS, COMPARE),
    "Watch": (STUDENTS, ROUTER, REEVALUATIONS),
}
FOR_OPERATORS = "Build"  # a viewer has no such group: everything in it acts, or leads to acting


def groups_for(*, may_act: bool) -> dict[str, tuple[PageFile, ...]]:
    """The menu of somebody who may act, or may only look."""
    return {group: pages for group, pages in GROUPS.items() if may_act or group != FOR_OPERATORS}
