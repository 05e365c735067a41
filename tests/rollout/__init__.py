"""The order of a rollout, without Prefect and without a simulator."""
