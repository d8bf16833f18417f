# Becoming part of the fleet and of the tree: management lane, joining, leaving.
@0xb8a834578bcb36b9;
using Cxx = import "/capnp/c++.capnp";
using Types = import "types.capnp";
$Cxx.namespace("coppice::schema");

struct Register {
  tokenId @0 :Text;
  tokenSecret @1 :Data;
  name @2 :Text;
  machineId @3 :Text;
  addresses @4 :List(Text);
  labels @5 :List(Types.Label);
  resources @6 :List(Types.Measurement);
  release @7 :Text;
  formerEnd @8 :Types.Cause;
  isShortOfMemory @9 :Bool;
}

struct Registered {
  result @0 :Result;
  sentence @1 :Text;
  order @2 :Types.Sealed;  # may be null: no order
  newest @3 :UInt64;

  enum Result {
    ok @0;
    badToken @1;
    expiredToken @2;
    exhaustedToken @3;
    foreignFleet @4;
    nameConflict @5;
    unavailable @6;
    tooOld @7;
    badRequest @8;
    unknownHost @9;
    staleIncarnation @10;
  }
}

struct Seek {
  stamp :group {
    term @0 :UInt64;
    generation @1 :UInt64;
  }
  lostParent @2 :UInt32;
  attachment @3 :UInt64;
  hasParent @4 :Bool;  # an understudy that keeps its line warm
  isLeaving @5 :Bool;
}

struct Ordered {
  destination @0 :UInt32;
  order @1 :Types.Sealed;
}

struct Join {
  attachment @0 :UInt64;
  order @1 :Types.Sealed;
  addresses @2 :List(Text);
  isOrphan @3 :Bool;
  wasPaused @4 :Bool;
}

struct Welcome {
  path @0 :List(UInt32);
  rootAge @1 :Int64;
  firstWindow :group {
    rootTerm @2 :UInt64;
    rootGeneration @3 :UInt64;
    number @4 :UInt64;
  }
}

struct Refused {
  reason @0 :Reason;

  enum Reason {
    notAParent @0;
    full @1;
    badTicket @2;
    staleTicket @3;
    notFresh @4;
    cycle @5;
    draining @6;
    unknownLink @7;
    staleIncarnation @8;
  }
}

struct Leave {
  isMoving @0 :Bool;
}
