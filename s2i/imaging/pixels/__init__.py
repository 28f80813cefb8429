"""What holds for any picture: layouts and ranges, sides, sizes, padding, blur, brightness, noise, sheets."""
