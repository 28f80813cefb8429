"""The workflows that ship: what each is made of, by theme, and how a graph is laid out."""
