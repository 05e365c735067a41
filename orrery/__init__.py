"""The command line: parse, call, print, and the next command to paste."""
