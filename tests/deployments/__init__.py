"""What prefect.yaml deploys, and the stack of one machine."""
