"""Benchmarks: `./portal bench NAME` runs `bench/NAME.py`; what they share begins with an underscore."""
