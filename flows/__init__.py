"""Flows order: what comes before what, which regions run side by side, what is taken back."""
