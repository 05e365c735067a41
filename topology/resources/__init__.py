"""One file a kind of resource; `KINDS` lists them in the order they are explained."""
