"""Which flow runs where and when: what `prefect.yaml` points at, and a stack to run it on.

Here may live what a deployment needs in Python, and the processes of one machine that
the demo starts: a simulated Azure, a Prefect server and a worker.
"""
