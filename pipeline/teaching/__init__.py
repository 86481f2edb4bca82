"""What a paid teacher is asked, what that may cost, and what came of it. The network is in ``pipeline.teacher`` alone."""
