"""Reports: what pipelines read of a proof or a check."""
