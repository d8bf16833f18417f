# What the daemons of neighbouring hosts say to each other.
@0xc1f3a6d25b7e9041;
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("coppice::schema");

struct LocalMessage {
  channel @0 :Text;
  body @1 :Data;
}
