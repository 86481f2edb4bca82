"""The dashboard's pages and how they are grouped; each page is one script in ``views``."""

from pathlib import Path

import streamlit as st

from dashboard import who
from dashboard.pages import groups_for

st.set_page_config(page_title="spiritsafe", page_icon="🥃", layout="wide", initial_sidebar_state=220)
st.logo(Path(__file__).parent / "logo.svg", size="large")
if not who.is_known():
    st.header("spiritsafe", anchor=False)
    st.info("These pages hold what your organisation pays and asks for.", title="Sign in first")
    st.button("Sign in", type="primary", on_click=st.login)
    st.stop()
pages = groups_for(may_act=who.may("operator"))
st.navigation({group: [page.as_streamlit() for page in found] for group, found in pages.items()}).run()
