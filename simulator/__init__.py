"""A local Azure Resource Manager that the real Azure clients reach unchanged.

It shares no code with the product: what it knows comes from recorded traffic and
Microsoft's documentation, so that product and simulator cannot agree on a mistake.
"""
