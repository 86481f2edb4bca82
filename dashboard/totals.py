"""The portfolio in one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.api import PortfolioRow
from analytics.contracts import Verdict

WORTH_IT = (Verdict.DISTILL, Verdict.PILOT)


@dataclass(frozen=True)
class Totals:
    """Sums over the tasks that are worth distilling or a pilot."""

    worth_it: int
    monthly_spend_usd: float  # of those tasks
    npv_24m_p5_usd: float  # all of them go badly together: the inputs that decide are shared by all tasks
    npv_24m_p50_usd: float
    npv_24m_p95_usd: float


def totals(rows: Sequence[PortfolioRow]) -> Totals:
    """Quantiles are added as if the tasks rose and fell together, which is the widest range."""
    worth = [row for row in rows if row.verdict in WORTH_IT]
    return Totals(
        worth_it=len(worth),
        monthly_spend_usd=sum(row.monthly_spend_usd or 0.0 for row in worth),
        npv_24m_p5_usd=sum(row.npv_24m_usd["p5"] for row in worth),
        npv_24m_p50_usd=sum(row.npv_24m_usd["p50"] for row in worth),
        npv_24m_p95_usd=sum(row.npv_24m_usd["p95"] for row in worth),
    )
