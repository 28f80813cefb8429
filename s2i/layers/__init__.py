"""Building blocks, one idea a file. Nothing here imports anything of ours."""
