"""What Azure Resource Manager does the same way for every resource type.

Nothing here knows a type by name, but for the groups that Resource Manager keeps itself:
what is special to one lives in `providers/`.
"""
