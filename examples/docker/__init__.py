"""The example's algorithms as one container image."""
