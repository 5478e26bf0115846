"""What the measurements share: servers and loads, a newsroom to work on, and the table of ratios."""
