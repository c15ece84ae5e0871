"""Inventory theory as the textbooks print it: lots, levels and reorder points of one item, items under one capacity.

No page plans by these rules. They are measured against the books' figures and against stockpyl, and tests hold the
planner of `engine.inventory` against them.
"""
