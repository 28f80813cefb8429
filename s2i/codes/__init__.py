"""What passes between the steps beside `style.py`: the content, a style's parts, and whether they fit a model."""
