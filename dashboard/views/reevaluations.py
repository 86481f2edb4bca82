"""Re-evaluations: what changed since the last verdicts, and what to do about it."""

from dashboard.parts import page, reevaluation

status = page.heading("Re-evaluations", "verdict", "break-even", "NPV", "drift")
version = page.require_analysis(status)
with page.told():
    reevaluation.show(version)
page.sources({"a new report": "spiritsafe reeval", "with new bases tried": "spiritsafe reeval --probe --cap USD"})
