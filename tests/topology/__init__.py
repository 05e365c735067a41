"""What the pure package promises, by examples, cases and properties."""
