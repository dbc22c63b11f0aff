"""The database: tables, migrations and one service per noun. Everything that decides lives here."""
