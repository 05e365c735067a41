"""A stand-in for Azure's blob service: as much of it as keeping plans in it needs."""
