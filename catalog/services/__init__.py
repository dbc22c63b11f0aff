"""Services: one per noun. They decide; the stores they are given write."""
