"""Lines found in a picture without a network, and the pen that draws them."""
