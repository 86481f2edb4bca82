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
LAUNCH = PageFile("views/launch.py", "Launch", "launch", "Plan a student for a task, see cost and time, start the run.")
RUNS = PageFile("views/runs.py", "Runs", "runs", "Follow runs, stop them, resume them.")
STUDENTS = PageFile("views/students.py", "Students", "students", "The students: quality, threshold, savings by week.")

GROUPS = {"Decide": (PORTFOLIO, BRIEF), "Build": (LAUNCH, RUNS, STUDENTS)}
