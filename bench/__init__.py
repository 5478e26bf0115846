"""Measurements, each in a module of its own. `make bench` runs all of them; see `__main__.py`."""
