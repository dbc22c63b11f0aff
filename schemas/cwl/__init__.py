"""Documents of the Common Workflow Language, as far as job types and recipes can express them."""
