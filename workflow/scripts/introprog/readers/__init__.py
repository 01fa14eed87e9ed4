"""Raw extracts to typed tables: files found, decoded and typed by the codebook; all faults of all files at once."""
