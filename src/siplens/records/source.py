"""Tables about what was read: files, and how far their evidence can be trusted."""

from siplens.records.table import INT, LONG, TEXT, TEXTS, TS, Table, columns

SOURCE = Table(
    "source",
    "One row per ingested file: a capture, a log or a configuration.",
    columns(
        ("sha256", TEXT, "SHA-256 of the file's bytes, lower-case hexadecimal. A file is ingested once, whatever its name."),
        ("path", TEXT, "Where the file was when it was read."),
        ("kind", TEXT, "capture, log or config."),
        ("format", TEXT, "Format as recognised by content: pcap, pcapng, cls, sip-text, yaml, json, clixml, csv, format-list …"),
        ("format_status", TEXT, "verified, partly or unconfirmed: how well the format's shape is known."),
        ("size_bytes", LONG, "Size of the file, in bytes."),
        ("label", TEXT, "Capture point, in the user's words (--label); NULL where none was given."),
        ("first_ts", TS, "Earliest time in the file (UTC)."),
        ("last_ts", TS, "Latest time in the file (UTC)."),
        ("link_types", TEXTS, "Link types of a capture, such as ETHERNET or LINUX_SLL."),
        ("packets", LONG, "Packets of a capture, or records of a log."),
        ("engine", TEXT, "What read it: native, wireshark or lark."),
    ),
)

CAPTURE_HEALTH = Table(
    "capture_health",
    "One row per source and check that found something: what the source could not show.",
    columns(
        (
            "check_name",
            TEXT,
            "truncated_file, cut_packets, tcp_gaps, fragments_incomplete, link_type_unknown, not_opened, drops, tls_signalling, …",
        ),
        ("amount", LONG, "How many packets, bytes or streams are concerned."),
        ("frame", LONG, "First frame concerned, or NULL."),
        ("detail", TEXT, "The finding in words."),
    ),
)

CAPTURE_COMMENT = Table(
    "capture_comment",
    "One row per comment that somebody wrote into a pcapng file.",
    columns(
        ("scope", TEXT, "section, interface, statistics or packet: what it is a comment on."),
        ("frame", LONG, "Frame number of the packet, or of the last one before it."),
        ("text", TEXT, "The comment."),
    ),
)

RESOLVED_NAME = Table(
    "resolved_name",
    "One row per address and name that a pcapng file brings along (name resolution blocks).",
    columns(
        ("ip", TEXT, "Canonical text of the address."),
        ("name", TEXT, "A name of it."),
    ),
)

LOG_EVENT = Table(
    "log_event",
    "One row per log record that is no SIP message but matters: diagnostics, errors, Mediation Server component lines.",
    columns(
        ("ordinal", INT, "Position within the source, from 0."),
        ("line", LONG, "Line number in the log, from 1."),
        ("ts", TS, "Time (UTC)."),
        ("level", TEXT, "As the log writes it, such as TL_ERROR."),
        ("flag", TEXT, "Trace flag, such as TF_DIAG."),
        ("machine", TEXT, "Machine that wrote it, or the bracket's text."),
        ("component", TEXT, "Component, such as SIPStack or MediationServer."),
        ("function", TEXT, "Function and source position that wrote the record."),
        ("text", TEXT, "The record's text."),
        ("call_id", TEXT, "SIP Call-ID that the record names, or NULL."),
        ("result_code", TEXT, "Result code with its symbol, such as 0xc3e93c5e SIPPROXY_E_ROUTING."),
    ),
    row_id="event_id",
)

LOG_REJECT = Table(
    "log_reject",
    "One row per log record that could not be read; reading went on after it.",
    columns(
        ("line", LONG, "Line number in the log, from 1."),
        ("column_no", INT, "Column where reading failed, from 1."),
        ("text", TEXT, "The line, cut at 500 characters."),
        ("caret", TEXT, "Blanks and a caret: printed under text, it points at the column."),
        ("expected", TEXT, "What was expected there."),
    ),
)

RAW = (SOURCE, CAPTURE_HEALTH, CAPTURE_COMMENT, RESOLVED_NAME, LOG_EVENT, LOG_REJECT)
__all__ = ["CAPTURE_COMMENT", "CAPTURE_HEALTH", "LOG_EVENT", "LOG_REJECT", "RAW", "RESOLVED_NAME", "SOURCE"]
