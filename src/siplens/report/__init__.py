"""Reports: data gathered by SQL (report/sql), shown by templates (report/templates). Nothing is printed or decided here."""
