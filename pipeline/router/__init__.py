"""The router: a student where it is sure, the teacher for the rest, and a record of every decision."""
