"""Azure Virtual Network Manager: what its resource types share, and what a commit does.

The resource types themselves are in `providers/`, one file each. Here live the ways in
which they differ from all others (`provider`), what is refused (`refusals`), who is in a group
(`membership`, and by Azure Policy `dynamic`), commits and goal states (`deployments`,
`snapshots`), and what follows from a deployed goal state: connected groups, admin rules,
managed route tables and the routes each subnet ends up with.
"""
