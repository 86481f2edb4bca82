"""From a verdict to a student, and the proof that it works."""
