"""A run, or one region of it, is taken back, whatever has come since."""
