"""Proof: who reaches whom, by which firewalls, both ways. Pure, over what Azure holds or will.

`fabric` reads what matters to a packet out of resources, `avnm` adds what deployed
configurations do, `routes`, `filters` and `policies` hold Azure's rules, `walk` follows one
packet and `pairs` all of them at once. `intent` says what must be so.
"""
