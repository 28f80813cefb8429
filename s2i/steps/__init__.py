"""The steps behind `pipeline.py`, one a file."""
