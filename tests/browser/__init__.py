"""The pages in a real browser, over a real system with data of real runs.

``axe.min.js`` is axe-core 4.14.1 of Deque Systems, under the Mozilla Public License 2.0.
"""
