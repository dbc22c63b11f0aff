"""What is run with the official clients of Elasticsearch."""
