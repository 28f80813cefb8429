"""How short and how long a picture's sides may be, in pixels."""

MIN_SIDE, MAX_SIDE = 16, 16384
