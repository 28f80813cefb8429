"""What a drawing's lines close off: the facts that the content encoder is told."""
