"""What a good developer writes with other frameworks, over the same schema: see `bench.others`."""
