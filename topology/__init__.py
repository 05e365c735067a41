"""What we want, and all that can be known without asking Azure.

No module here does I/O, and none imports Prefect or the SDK.
"""
