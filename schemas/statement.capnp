# What a manager signs. The bytes are canonical: one statement has one encoding.
@0xa8d7ae82568f7c0d;
using Cxx = import "/capnp/c++.capnp";
using Types = import "types.capnp";
$Cxx.namespace("coppice::schema");

struct Statement {
  union {
    order @0 :Order;
    push @1 :PushContent;
  }
}

struct Order {
  fleet @0 :Text;
  host @1 :UInt32;
  key @2 :Data;
  name @3 :Text;
  cell @4 :UInt32;
  stamp :group {
    term @5 :UInt64;
    generation @6 :UInt64;
  }
  termInstance @7 :UInt64;
  role @8 :Types.Role;
  isUnderstudy @9 :Bool;
  isPlaced @10 :Bool;
  reason @11 :Text;
  parent @12 :Types.PeerAddress;
  spares @13 :List(Types.PeerAddress);
  managers @14 :List(Types.PeerAddress);
  labels @15 :List(Types.Label);
  fanout @16 :UInt32;
  slack @17 :UInt32;
  interval @18 :Int64;
  expiresUnixS @19 :UInt64;
}

struct PushContent {
  fleet @0 :Text;
  push @1 :UInt64;
  topic @2 :Text;
  version @3 :UInt64;
  selector @4 :Text;
  payload @5 :Data;
  isWithdrawal @6 :Bool;
}
