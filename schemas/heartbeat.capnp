# What every link carries once per interval in each direction.
@0xeb7bcd4a27ab2d58;
using Cxx = import "/capnp/c++.capnp";
using Types = import "types.capnp";
$Cxx.namespace("coppice::schema");

struct Heartbeat {
  stamp :group {
    term @0 :UInt64;
    generation @1 :UInt64;
  }
  isHint @2 :Bool;
  factsRevision @3 :UInt64;
  facts @4 :List(HostFact);
  sets @5 :List(SetReport);
  heldDigest @6 :UInt64;
  held @7 :List(Held);  # may be null: not sent
}

struct HeartbeatAnswer {
  factsAcked @0 :UInt64;
  sets @1 :List(SetAck);
  heldDigest @2 :UInt64;
  path @3 :List(UInt32);
  rootAge @4 :Int64;
  cell :group {
    term @5 :UInt64;
    generation @6 :UInt64;
  }
  termInstance @7 :UInt64;
  wantsBeat @8 :Bool;
  heard @9 :UInt32;
}

struct HostFact {
  host @0 :UInt32;
  parent @1 :UInt32;
  incarnation @2 :UInt64;
  attachment @3 :UInt64;
  revision @4 :UInt64;
  state @5 :Types.HostState;
  cause @6 :Types.Cause;
  stamp :group {
    term @7 :UInt64;
    generation @8 :UInt64;
  }
}

enum SetKind {
  members @0;
  applied @1;
  refused @2;
}

struct SetReport {
  key :group {
    kind @0 :SetKind;
    push @1 :UInt64;
    reason @2 :Text;
  }
  baseDigest @3 :UInt64;
  digest @4 :UInt64;
  added @5 :Data;
  removed @6 :Data;
  timesUs @7 :List(UInt64);  # of the stages of a push, in microseconds
}

struct SetAck {
  key :group {
    kind @0 :SetKind;
    push @1 :UInt64;
    reason @2 :Text;
  }
  digest @3 :UInt64;
}

struct Held {
  push @0 :UInt64;
  targetDigest @1 :UInt64;
}
