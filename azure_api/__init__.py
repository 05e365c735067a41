"""The only package that talks to Azure; it knows neither Prefect nor the simulator.

`settings`, `waiting`, `ids` and `errors` are cheap to import. The others bring in the
SDK, which costs seconds and hundreds of megabytes, so nothing is re-exported here.
"""
