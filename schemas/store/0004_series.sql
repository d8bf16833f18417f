-- What the windows of series gave, by when they opened. Values are bytes of schemas/store.capnp.

CREATE TABLE sample (
    series TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (series, at_ms)
);
