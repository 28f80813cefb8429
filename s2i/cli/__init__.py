"""The `s2i` command: `main` reads the arguments, `painting`, `models` and their neighbours do the work."""
