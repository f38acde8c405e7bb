"""One module per log format, named like its grammar. A module offers `Dialect` (see `siplens.logs.reader.Dialect`)."""
