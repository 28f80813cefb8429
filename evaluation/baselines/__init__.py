"""What the model is compared with: painters, (ink (B,1,H,W), reference (B,3,H,W)) -> (B,3,H,W), and two extractors."""
