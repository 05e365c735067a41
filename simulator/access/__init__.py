"""Who may do what where: roles, their assignments, and what a request needs.

A principal of the settings that has a role has it by an assignment like any other, which
is there from the start and can be deleted.
"""
