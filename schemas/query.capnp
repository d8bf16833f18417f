# A question on its way down and its answer on its way up.
@0xe8ce3668d4dbcd8b;
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("coppice::schema");

struct WindowOpened {
  window :group {
    rootTerm @0 :UInt64;
    rootGeneration @1 :UInt64;
    number @2 :UInt64;
  }
  question @3 :UInt64;
  measurement @4 :Text;
  target @5 :Data;
  closesIn @6 :Int64;
}

struct WindowClosed {
  window :group {
    rootTerm @0 :UInt64;
    rootGeneration @1 :UInt64;
    number @2 :UInt64;
  }
  question @3 :UInt64;
  partial :group {
    count @4 :UInt64;
    sum @5 :Float64;
    min @6 :Float64;
    max @7 :Float64;
    coverage @8 :Data;
  }
}
