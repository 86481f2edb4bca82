"""Data and prices: what was imported, what it covers, what has no price, what the invoice says."""

from dashboard import data
from dashboard.parts import coverage, invoice, page

status = page.heading("Data and prices", "unpriced", "quarantine")
version = page.require_analysis(status)
found = data.data_state(version)

coverage.sentence(status, found)
coverage.matrix(found)
coverage.models(found)
invoice.form(found)
coverage.imports(found)
coverage.trail()
page.sources(
    {"imports and quarantine": "spiritsafe import PATH --json", "prices in force": "spiritsafe prices list",
     "an invoice": "spiritsafe prices reconcile --month YYYY-MM --invoice USD", "rows": "spiritsafe sql 'select …'"},
    sql=("queries/list_source_days.sql", "queries/list_model_costs.sql", "queries/count_quarantine_reasons.sql"),
)  # fmt: skip
