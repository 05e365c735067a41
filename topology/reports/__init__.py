"""A proof or a check as pipelines read it: JUnit's XML and SARIF.

No module here does I/O.
"""
