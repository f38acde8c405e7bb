"""Table of the product's own quality database: what Monitoring kept of a session."""

from siplens.records.table import BOOL, INT, LONG, TEXT, TS, Table, columns

QOE_SESSION = Table(
    "qoe_session",
    "One row per session in a CSV of the QoE database's Session table or view (Lync 2010 and later): Microsoft's own word on bypass.",
    columns(
        ("line", LONG, "Line in the CSV, from 1."),
        ("session_call_id", TEXT, "Call-ID of the dialog, from DialogID, or ConferenceURI of a session between two; NULL where not given."),
        ("started_ts", TS, "StartTime (UTC)."),
        ("ended_ts", TS, "EndTime (UTC)."),
        ("dialog_category", INT, "0: server to Mediation Server; 1: Mediation Server to gateway."),
        ("bypassed", BOOL, "MediationServerBypassFlag."),
        ("bypass_warning_flag", INT, "MediaBypassWarningFlag: why a call was not bypassed although the bypass ids matched; 1 is defined."),
        ("caller", TEXT, "CallerPAI, else CallerURI, where the export has names and not keys."),
        ("callee", TEXT, "CalleePAI, else CalleeURI."),
    ),
)

RAW = (QOE_SESSION,)
