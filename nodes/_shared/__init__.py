"""What nodes share: sockets, batches, progress and memory, ComfyUI's model management."""
