"""Rubin OCPS, the UWS job manager (seed 003)."""
