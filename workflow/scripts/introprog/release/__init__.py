"""What leaves the private folder: the released panel, its records, and the audit that tries to undo suppression."""
