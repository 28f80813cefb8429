"""The networks, one a file, each built from its part of `ModelConfig`."""
