"""What pictures are judged by: metrics, judges, frozen test sets, baselines, tables and sheets. It imports s2i only."""
