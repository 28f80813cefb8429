"""Pictures in files: opened, decoded, written; frames, layers."""
