"""The whole of it as a user has it: Prefect, a worker, prefect.yaml, plain HTTP to look."""
