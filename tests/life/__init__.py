"""Whole lives of networks: the real SDK on the simulator, in process and in virtual time."""
