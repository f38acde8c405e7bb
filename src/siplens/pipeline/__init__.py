"""One path from files to judged calls: recognise, ingest, configure, derive. It sits above the store and below the rules."""
