"""Django's PostgreSQL, with a pool of our own: `ENGINE` is `config.postgres`."""
