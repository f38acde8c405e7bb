"""siplens: which PSTN calls should have used media bypass and did not, and how do we know.

Data moves one way: sources (capture, logs, config) → records → store → sql (derive, assess) → rules → present (report, cli).
"""

__version__ = "0.1.0"
