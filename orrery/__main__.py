"""`python -m orrery`: the same as `orrery`."""

from orrery.main import main

main()
