"""Flows, with a real Prefect server and our Azure on a socket."""
