"""Rows in, an Altair chart and its text alternative out. Nothing here reads the workspace or draws on a page."""
