"""Pieces of pages: everything that is drawn more than once, and everything too long for a page."""
