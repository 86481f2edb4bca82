"""What students are built from. Not kinds themselves, so nothing here is discovered."""
