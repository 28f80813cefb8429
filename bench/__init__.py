"""Speed, memory, and how cost grows with work. It imports evaluation and s2i; neither needs it."""
