"""What is worked out from a student's answers and others' to the same inputs; every formula is a pure function."""
