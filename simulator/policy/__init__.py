"""Azure Policy, as far as network groups need it: what is assigned where, and what it selects.

The resource types are in `providers/`: definitions, sets and assignments, of every mode. Only
definitions of the mode Microsoft.Network.Data are evaluated; the effects of others (deny, audit,
deployIfNotExists and so on) are kept and shown, and do nothing.
"""
