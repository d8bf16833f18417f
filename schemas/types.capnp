# What messages, statements and rows share.
@0xa13b96cfd34db139;
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("coppice::schema");

# How formats grow: add a field or a union member at the end; never renumber, reuse, remove or
# change the type of one. A reader ignores fields that it does not know.
#
# A host set is the portable roaring format, empty for the empty set. Keys are 32 bytes, signatures
# 64. Durations are nanoseconds, times are milliseconds since 1970-01-01 UTC. A pointer that may be
# null says so: null is not the same as empty there.

struct Label {
  key @0 :Text;
  value @1 :Text;
}

struct Measurement {
  name @0 :Text;
  value @1 :Float64;
}

struct PeerAddress {
  host @0 :UInt32;
  key @1 :Data;
  addresses @2 :List(Text);
}

# The bytes of a statement (statement.capnp) as they were signed.
struct Sealed {
  content @0 :Data;
  signature @1 :Data;
}

enum Role {
  leaf @0;
  branch @1;
  root @2;
}

enum HostState {
  joining @0;
  live @1;
  suspect @2;
  lost @3;
  left @4;
}

enum Cause {
  none @0;
  joined @1;
  silent @2;
  crashed @3;
  unreachable @4;
  saidGoodbye @5;
  notBack @6;
  paused @7;
  cutOff @8;
  restart @9;
  outOfMemory @10;
  slow @11;
  refusing @12;
}
