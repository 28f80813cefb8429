"""What learns beside a network and judges it: discriminators, a classifier, and how pictures are varied for them."""
