"""The Streamlit front: reads ``analytics.api`` and asks ``pipeline.api`` to launch."""
