"""What the terms on the pages mean, in a sentence or two each. Every page's help is taken from here."""

TERMS = {
    "agreement": "Share of answers that are the same as the teacher's, on requests that the student has never seen.",
    "α": "Allowed disagreement: of the answers that the student serves, at most this share may differ from the "
    "teacher's. A smaller α serves less and errs less.",
    "δ": "Risk of breaking α: the chance that the promise does not hold although the test passed. Confidence is 1 − δ.",
    "audit": "A few of the student's answers are asked of the teacher as well, drawn by lot. Realised quality comes "
    "from them.",
    "break-even": "The month in which everything saved has paid for everything spent; as a spend, the bill from which "
    "a student pays within 12 months.",
    "cap": "Most that a run may pay others. It is held before every paid call: the run stops, and what was paid for "
    "is kept.",
    "cash at risk": "The lowest point of cumulative cash, in the median of the simulations.",
    "coverage": "Share of the traffic that the student answers itself: sure enough and familiar enough. The rest goes "
    "to the teacher.",
    "CUSUM": "A running sum of what is worse than promised. It sees a small lasting drop sooner than any single week.",
    "distillation": "Training a small model of your own on the answers of a large one, for one task.",
    "drift": "Requests or answers have become unlike those that the student was taught and tested on.",
    "e-value": "Evidence against the promise, which may be looked at every day: above 1/δ the promise is broken.",
    "gate": "What a student must show before it counts as good enough: not worse than the teacher, or than the student "
    "before it, by more than a stated margin.",
    "narrowness": "How small a model could do the task: how alike its requests are, how few its answers, how steady "
    "the teacher is. Narrow tasks distil well.",
    "NPV": "Value today of all that comes and goes in 24 months, at the discount rate of the assumptions.",
    "operating point": "The threshold that is in force: how sure the student must be before it answers.",
    "Pareto": "No other choice agrees as often and costs as little, and is better in one of the two.",
    "quarantine": "Rows of an import that could not be read, kept with the reason and counted, never guessed.",
    "S*": "What is left of the bill once every cheaper lever that keeps quality is in place: what a student has to "
    "beat.",
    "student": "The small model that is trained; the **teacher** is the large one whose answers it learns from.",
    "unpriced": "Calls whose price is not known. They are counted and never taken for free.",
    "verdict": "Distil now, pilot first, cheaper fix first, wait, do not distil, or not enough data.",
}


def meaning(term: str) -> str:
    """The sentence of a term. KeyError for one that has none: a page must not promise help that is not there."""
    return TERMS[term]
