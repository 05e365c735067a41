"""Tests mirror the packages; `life/` holds whole lives of networks."""
