"""Previews: small pictures of images and GeoTIFFs.

A picture is made of a file that somebody gave us, by libraries of C: so it is made in a process of
its own, with bounds on memory and time, that may die without taking anything with it. The process
is kept for the next file and ends by itself when none comes.
"""

from catalog.previews.workshop import BusyError, Workshop, has_preview, workshop

__all__ = ["BusyError", "Workshop", "has_preview", "workshop"]
