"""The dashboard's pages and how they are grouped; each page is one script in ``views``."""

from pathlib import Path

import streamlit as st

from dashboard.pages import GROUPS

st.set_page_config(page_title="spiritsafe", page_icon="🥃", layout="wide", initial_sidebar_state=220)
st.logo(Path(__file__).parent / "logo.svg", size="large")
st.navigation({group: [page.as_streamlit() for page in pages] for group, pages in GROUPS.items()}).run()
