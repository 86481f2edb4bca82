"""Documents for people who decide: how figures look, charts, and the pages made of them."""
