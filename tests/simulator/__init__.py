"""The simulator, asked over HTTP in process: no socket, and time that a test moves."""
