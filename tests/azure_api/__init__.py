"""The real SDK on the simulator, in process and in virtual time."""
