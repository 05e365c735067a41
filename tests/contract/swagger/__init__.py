"""Microsoft's swagger as a judge of the product's requests and the simulator's answers.

`specs` reads the swagger, `schemas` turns it into JSON schema, `judge` applies it to
exchanges, `sdk` knows what is newer than the swagger, `lives` makes the exchanges.
"""
