"""From provider logs to a verdict: no torch, no streamlit, no network."""
