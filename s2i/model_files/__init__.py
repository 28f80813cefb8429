"""What stands behind `weights.py` and `hub.py`: models' names, bounds on files from strangers, downloads, cards."""
