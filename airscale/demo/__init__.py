"""The demonstration: the example loaded, scenes dropped in, products out."""
