-- How many hosts were in which state at any time: changes by slots of time, and sums of them. Values are
-- bytes of common/state_counts.h, and the slot has the level in its upper bits: runtime/sqlite_counts.h.

CREATE TABLE host_count (
    slot INTEGER PRIMARY KEY,
    value BLOB NOT NULL
);
