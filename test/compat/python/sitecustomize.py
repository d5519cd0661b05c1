"""Lets the real Prefect server search text on machines whose SQLite is older than 3.44 and so lacks `concat`."""

import sqlite3

if sqlite3.sqlite_version_info < (3, 44, 0):
    _connect = sqlite3.connect

    def _connect_with_concat(*args, **kwargs):
        connection = _connect(*args, **kwargs)
        join = lambda *parts: "".join(str(part) for part in parts if part is not None)  # noqa: E731
        connection.create_function("concat", -1, join, deterministic=True)
        return connection

    sqlite3.connect = _connect_with_concat
