"""The version of siplens, apart from the package's own __init__, so that every layer may ask for it."""

__version__ = "0.1.0"
