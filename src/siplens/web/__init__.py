"""The explorer: pages and a JSON API over one database, for a browser on this machine. It shows; it decides nothing."""
