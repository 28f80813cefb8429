"""What stands behind `bundle.py` and `hub.py`: models' names, bounds on files from strangers, downloads, cards."""
