"""The real `az` against the simulator: what an operator types, and what comes back.

`python -m tests.contract.az` installs azure-cli into an environment of its own, starts a
simulator over TLS, registers it as a cloud and signs in with the service principal.
The commands for firewalls and network managers are extensions that no package index has:
`az rest` and `az resource` send what they would.
"""
