"""Proof: who reaches whom, by which firewalls, both ways. Pure, over what Azure holds or will.

`fabric` reads what matters to a packet out of resources, `avnm` adds what deployed
configurations do, `routes`, `rules` and `policies` hold Azure's rules, `walk` follows one
packet, `spread` all of them at once and `pairs` both ways. `intent` says what must be so, a
`proof` holds it against a model.
"""
