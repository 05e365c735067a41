"""Whether Azure still is what was wanted: findings, who is behind them, what is exempted.

No module here does I/O.
"""
