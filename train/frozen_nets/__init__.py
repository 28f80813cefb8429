"""Nets that never learn and that losses and critics look through, and how to hold one still."""
