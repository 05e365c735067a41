"""What a plan will take: time, calls, room below Azure's limits, and money.

No module here does I/O: prices and what past runs took are handed in.
"""
