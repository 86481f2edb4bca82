"""How a figure of a brief is made: formula, inputs with who set them, and the SQL that measured them."""

import pandas as pd
import streamlit as st

from analytics.amounts import amount
from analytics.api import FIGURES, Brief, trace
from analytics.reports import present
from dashboard import data
from dashboard.parts.page import show_table


def show(found: Brief) -> None:
    """One figure at a time, on demand."""
    with st.expander("Where a figure comes from", expanded="figure" in st.query_params):
        key = st.selectbox("Figure", list(FIGURES), index=None, key="figure", bind="query-params",
                           placeholder="choose one")  # fmt: skip
        if key is None:
            return
        made = trace(key, found.figures, found.assumptions)
        st.markdown(f"{present.as_text(made.figure.formula)} · computed in `{made.figure.code}`")
        rows = [
            {"input": present.words(one["name"]), "value": amount(one["value"], one["unit"]), "from": one["origin"],
             "source": str(one.get("source") or present.MISSING), "as of": str(one.get("as_of") or present.MISSING),
             "SQL": ", ".join(one["sql"]) or present.MISSING}
            for one in made.inputs
        ]  # fmt: skip
        show_table(pd.DataFrame(rows), f"Inputs of {present.words(key)}", f"inputs-{key}")
        for path in dict.fromkeys(path for one in made.inputs for path in one["sql"]):
            st.caption(path)
            st.code(data.sql_text(path.removeprefix("sql/")), language="sql")
        st.code(f"spiritsafe brief {found.task_id} --explain {key}", language=None)
