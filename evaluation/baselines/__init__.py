"""What the model is compared with. Each baseline is a painter: (ink (B,1,H,W), reference (B,3,H,W)) -> (B,3,H,W)."""
