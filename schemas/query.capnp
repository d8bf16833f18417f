# A question on its way down and its answer on its way up.
@0xe8ce3668d4dbcd8b;
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("coppice::schema");

enum FoldKind {
  moments @0;
  variance @1;
  quantiles @2;
  distinct @3;
  top @4;
  bottom @5;
  parts @6;
}

struct FoldSpec {
  kind @0 :FoldKind;
  name @1 :Text;
  kept @2 :UInt16;
}

# `measurement` is what the first release asks: the moments of that one, or for the empty name how
# many hosts there are. Without `folds` that is the whole question. A question that it cannot ask
# has a measurement there that no host has.
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
  folds @7 :List(FoldSpec);
  by @8 :List(Text);
  takesMissing @9 :Bool;
}

struct Accumulator {
  union {
    moments :group {
      count @0 :UInt64;
      sum @1 :Float64;
      min @2 :Float64;
      max @3 :Float64;
    }
    variance :group {
      count @4 :UInt64;
      mean @5 :Float64;
      squares @6 :Float64;
    }
    quantiles @7 :List(Bin);
    distinct :group {
      count @8 :UInt64;
      few @9 :List(UInt32);
      all @10 :Data;
    }
    ranking :group {
      count @11 :UInt64;
      best @12 :List(Ranked);
    }
    parts :group {
      parts @13 :List(Part);
      dropped @14 :UInt64;
      failures @15 :UInt64;
      reason @16 :Text;
    }
  }

  struct Bin {
    index @0 :Int32;
    count @1 :UInt32;
  }

  struct Ranked {
    host @0 :UInt32;
    value @1 :Float64;
  }

  struct Part {
    hosts @0 :UInt64;
    bytes @1 :Data;
  }
}

struct Group {
  key @0 :List(Text);
  hosts @1 :UInt64;
  folds @2 :List(Accumulator);
}

# `partial` is what the first release answers; its coverage is that of every answer. The rest of it
# is zero when that release could not read the answer: it takes the hosts for missing.
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
  groups @9 :List(Group);
  other @10 :Group;  # null when there is none
  cut @11 :List(Text);  # null when nothing was cut
  isOfMissing @12 :Bool;
  targetDigest @13 :UInt64;
}
