"""Tells people and systems what a job found."""
