"""Where samples come from: folders, shards, crops, references, inks, recipes."""
