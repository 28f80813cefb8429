"""Building blocks of the networks, one idea a file. They stand on one another and on `imaging` alone."""
