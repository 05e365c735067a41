"""A run, or one region of it, is taken back: that is a plan too, of what stood before."""
