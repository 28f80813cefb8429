"""What `python -m evaluation COMMAND` runs, one command a file; what they share stands beside this folder."""
