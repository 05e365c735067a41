"""What is to be done, as cases that a network engineer can read, and as properties."""
