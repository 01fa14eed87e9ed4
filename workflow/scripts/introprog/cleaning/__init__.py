"""Raw columns to clean tables: one module a subject, every row dropped or altered counted by rule, year and reason."""
