"""What is loaded as it lies, from this folder."""
