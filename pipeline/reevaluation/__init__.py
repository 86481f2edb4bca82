"""What changed since the last verdicts, which tasks and students it touches, and what to do about each."""
