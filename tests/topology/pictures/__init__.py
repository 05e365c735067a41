"""Pictures: what they show, that they are whole, and that they need nothing else."""
