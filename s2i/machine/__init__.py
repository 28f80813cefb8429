"""What the machine gives: files written whole, paths as people type them, free memory, the fastest number format."""
