"""What is minimised: terms, one pure function an equation."""
