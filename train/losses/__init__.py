"""What is minimised: terms, one pure function an equation, and the frozen nets that they look through."""
