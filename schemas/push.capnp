# Data on its way down.
@0x9bee9816598889bf;
using Cxx = import "/capnp/c++.capnp";
using Types = import "types.capnp";
$Cxx.namespace("coppice::schema");

struct PushDown {
  push @0 :UInt64;
  topic @1 :Text;
  version @2 :UInt64;
  target @3 :Data;
  content @4 :Types.Sealed;  # may be null: the receiver holds it
}
