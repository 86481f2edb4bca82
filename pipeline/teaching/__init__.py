"""What a paid teacher is asked, what it costs and what came of it. The network is in ``pipeline.teacher`` alone."""
