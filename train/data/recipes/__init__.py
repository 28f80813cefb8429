"""Where this project's training and evaluation pictures come from: `python -m train recipes --help`."""
