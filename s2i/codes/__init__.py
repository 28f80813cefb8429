"""What passes between the steps, as values: content and style, what is made of styles, and whether they fit a model."""
