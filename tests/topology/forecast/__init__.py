"""What a plan will take, as cases that a network engineer can read, and as properties."""
