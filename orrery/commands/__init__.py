"""What a person types: each command a function, its help the docstring.

Commands import what they need when they run: `orrery --help` is to be fast, and what
talks to nobody must not pay for Azure's SDK.
"""
