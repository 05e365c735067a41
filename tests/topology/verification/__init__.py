"""Proof: who reaches whom, held against walks, cases and mutations."""
