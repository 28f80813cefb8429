"""The `s2i` command: `main` reads the arguments, `commands` does the work."""
