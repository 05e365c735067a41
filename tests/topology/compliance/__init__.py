"""Findings: drift by property, owners, exemptions, history."""
