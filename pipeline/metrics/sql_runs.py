"""SQL that parses, and that DuckDB can plan where the prompt shows the tables.

A row counts where the wanted answer is a query that passes the same check; another dialect's, or one over tables that
nobody shows, says nothing here. Nothing is executed: a query is parsed, and explained over empty tables when there are
``create table`` statements. So it proves that the query could run, never that its result is right.
"""

import re
from collections.abc import Mapping, Sequence

from analytics.labels import repair_answer
from pipeline.contracts import AnswerKind
from pipeline.metrics import Known, Scores, Tally, mean_tally

KINDS: frozenset[AnswerKind] = frozenset({"text"})
SAYS = "share of queries that could run, in DuckDB's dialect; says nothing of what they would return"
QUERY = re.compile(r"\s*(select|with)\b", re.IGNORECASE)


def score(said: Sequence[str], wanted: Sequence[str], known: Known) -> Scores:
    """1 where the query passes; None where the wanted answer is no query that does."""
    peeled = [[repair_answer(answer) for answer in answers] for answers in (said, wanted)]
    asked = [bool(QUERY.match(answer)) for answer in peeled[1]]
    if not any(asked):
        return [None] * len(said)
    from analytics.store import query_problems

    mine, theirs = (query_problems(answers, known.tables) for answers in peeled)
    return [
        float(problem is None) if is_query and reference is None else None
        for problem, reference, is_query in zip(mine, theirs, asked, strict=True)
    ]


def tallies(said: Sequence[str], wanted: Sequence[str], known: Known) -> Mapping[str, Tally]:
    """The share of queries that pass."""
    return {"sql_runs": mean_tally(score(said, wanted, known))}
