"""The story told on real machinery: real Git, DVC, MLflow and a GitHub on loopback."""
