"""Ratios, measured in one run: what a thing costs beside what it must cost at least."""
