"""What every stage shares: the loop, a run's state, checkpoints, averages, progress."""
