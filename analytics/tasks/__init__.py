"""Finding the tasks of a log: explicit keys, then templates, then meaning."""
