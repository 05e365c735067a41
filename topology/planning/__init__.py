"""What is to be done: the difference between wanted and actual, as a value."""
