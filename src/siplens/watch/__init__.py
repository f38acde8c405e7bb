"""Watches folders: reads captures and logs once they are complete, judges their calls, and says one line of each file."""

from siplens.watch.completeness import Completeness
from siplens.watch.watcher import Say, Watcher, WatchOptions, file_line, stamp, watch

__all__ = ["Completeness", "Say", "WatchOptions", "Watcher", "file_line", "stamp", "watch"]
