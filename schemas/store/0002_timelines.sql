-- What each host was, from when to when; a row lasts until the next of its host. Values are bytes of
-- schemas/store.capnp.

CREATE TABLE timeline (
    host INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (host, from_ms)
) WITHOUT ROWID;
