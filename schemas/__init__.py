"""JSON Schema documents of every Scale, Mozart, OGC and PAI document, and their validation."""
