"""The command line and the local system."""
