"""The order of a rollout: wave after wave, regions side by side, what fails taken back alone."""
