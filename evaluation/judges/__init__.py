"""Frozen nets that measure pictures and stand in no loss and no discriminator."""
