"""Recorded traffic of real Azure, sent to the simulator again; its answers are compared.

`recordings` reads the files, `scope` tells what is to be answered alike, `operations` reads
off how long each write took, `prelude` builds what existed before a recording began (`plain`
and `standing_in` where little is known of it), `player` sends the exchanges and `compare` looks
at the answers. `python -m tests.contract.replay` prints the figures, with `--differences` what
differs.
"""
