"""What a student at work did: quality that may be looked at every day, money, drift, and why it missed its forecast."""
