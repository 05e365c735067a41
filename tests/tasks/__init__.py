"""What tasks rest on and needs no Prefect server."""
