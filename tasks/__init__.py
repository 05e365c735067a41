"""Tasks act: each calls one function below it and returns a small value."""
