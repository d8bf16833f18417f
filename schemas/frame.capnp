# One frame on a link: who speaks, and one message. See docs/protocol.md for who says what when.
@0xae4579cc9f9b34d1;
using Cxx = import "/capnp/c++.capnp";
using Membership = import "membership.capnp";
using Heartbeats = import "heartbeat.capnp";
using Push = import "push.capnp";
using Query = import "query.capnp";
using Local = import "local.capnp";
$Cxx.namespace("coppice::schema");

enum Lane {
  management @0;
  control @1;
  bulk @2;
}

# The header is inline: a quiet heartbeat is 128 bytes, and about 40 as it travels, packed.
struct Frame {
  header :group {
    protocol @0 :UInt16;
    lane @1 :Lane;
    cell @2 :UInt32;
    sender @3 :UInt32;
    incarnation @4 :UInt64;
    link @5 :UInt64;
    sequence @6 :UInt64;
  }

  # A reader answers a member that it does not know with notUnderstood.
  body :union {
    notUnderstood @7 :Void;
    register @8 :Membership.Register;
    registered @9 :Membership.Registered;
    seek @10 :Membership.Seek;
    ordered @11 :Membership.Ordered;
    join @12 :Membership.Join;
    welcome @13 :Membership.Welcome;
    refused @14 :Membership.Refused;
    heartbeat @15 :Heartbeats.Heartbeat;
    heartbeatAnswer @16 :Heartbeats.HeartbeatAnswer;
    leave @17 :Membership.Leave;
    pushDown @18 :Push.PushDown;
    windowOpened @19 :Query.WindowOpened;
    windowClosed @20 :Query.WindowClosed;
    localMessage @21 :Local.LocalMessage;
  }
}
