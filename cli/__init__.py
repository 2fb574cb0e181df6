"""The command `lotsi`, one module a subcommand. Nothing imports this room."""
