# Rows of a store. The number of a record's union member is its kind in the store.
@0xf7adec43b916052a;
using Cxx = import "/capnp/c++.capnp";
using Types = import "types.capnp";
$Cxx.namespace("coppice::schema");

struct Record {
  union {
    identity @0 :IdentityRecord;
    applied @1 :AppliedRecord;
    fleet @2 :FleetRecord;
    cell @3 :CellRecord;
    host @4 :HostRecord;
    token @5 :TokenRecord;
    push @6 :PushRecord;
    receipt @7 :ReceiptRecord;
    treeChange @8 :TreeChangeRecord;
    isolation @9 :IsolationRecord;
    series @10 :SeriesRecord;
  }
}

struct IdentityRecord {
  name @0 :Text;
  host @1 :UInt32;
  incarnation @2 :UInt64;
  order @3 :Types.Sealed;
  run @4 :RunMark;
  oomKills @5 :UInt64;

  enum RunMark {
    unknown @0;
    running @1;
    ended @2;
  }
}

struct AppliedRecord {
  topic @0 :Text;
  version @1 :UInt64;
  push @2 :UInt64;
  isWithdrawn @3 :Bool;
}

struct FleetRecord {
  fleet @0 :Text;
  nextHost @1 :UInt32;
  nextPush @2 :UInt64;
  nextEvent @3 :UInt64;
}

struct CellRecord {
  id @0 :UInt32;
  name @1 :Text;
  generation @2 :UInt64;
  root @3 :UInt32;
  understudy @4 :UInt32;
}

struct HostRecord {
  id @0 :UInt32;
  name @1 :Text;
  key @2 :Data;
  machineId @3 :Text;
  addresses @4 :List(Text);
  labels @5 :List(Types.Label);
  resources @6 :List(Types.Measurement);
  release @7 :Text;
  tokenId @8 :Text;
  state @9 :Types.HostState;
  cause @10 :Types.Cause;
  since @11 :Int64;
  incarnation @12 :UInt64;
  attachment @13 :UInt64;
  revision @14 :UInt64;
  cell @15 :UInt32;
  role @16 :Types.Role;
  parent @17 :UInt32;
  isPlaced @18 :Bool;
  unplacedReason @19 :Text;
  generation @20 :UInt64;
  term @21 :UInt64;
  spares @22 :List(UInt32);
  isDrained @23 :Bool;
  drainReason @24 :Text;
  noRoleBefore @25 :Int64;
  awaitsOrder @26 :Bool;
  isOrphan @27 :Bool;
  isShortOfMemory @28 :Bool;
  goneAt @29 :List(Int64);
  unstableSince @30 :Int64;
  unstableEvent @31 :UInt64;
  timesGone @32 :UInt64;
}

struct TokenRecord {
  id @0 :Text;
  secretHash @1 :Data;
  created @2 :Int64;
  expires @3 :Int64;
  usesMax @4 :UInt64;
  uses @5 :UInt64;
  isRevoked @6 :Bool;
  labels @7 :List(Types.Label);
}

struct PushRecord {
  push @0 :UInt64;
  topic @1 :Text;
  version @2 :UInt64;
  selector @3 :Text;
  committed @4 :Int64;
  payloadBytes @5 :UInt64;
  target @6 :Data;
  effective @7 :Data;
  lateJoiners @8 :Data;
  content @9 :Types.Sealed;
  rule @10 :UInt64;
  reissueOf @11 :UInt64;
  phase @12 :PushPhase;
  isWithdrawal @13 :Bool;
  signedSelector @14 :Text;
  offered @15 :Int64;
  notBefore @16 :Int64;
  deadline @17 :Int64;

  enum PushPhase {
    inForce @0;
    waiting @1;
    former @2;
    cancelled @3;
  }
}

struct ReceiptRecord {
  push @0 :UInt64;
  applied @1 :Data;
  refused @2 :List(RefusedHosts);
  completed @3 :Int64;
  appliedAfterMs @4 :List(UInt64);
  late @5 :Int64;
  laggards @6 :Data;
  stagesUs @7 :List(UInt64);

  struct RefusedHosts {
    reason @0 :Text;
    hosts @1 :Data;
  }
}

struct TreeChangeRecord {
  generation @0 :UInt64;
  part @1 :UInt32;
  time @2 :Int64;
  reasons @3 :List(Text);
  moves @4 :List(Move);
  movesMore @5 :UInt64;
  placed @6 :UInt64;
  keptAfter @7 :UInt64;

  struct Move {
    host @0 :UInt32;
    from @1 :UInt32;
    to @2 :UInt32;
    by @3 :MovedBy;
    reason @4 :UInt16;
  }
  enum MovedBy {
    manager @0;
    host @1;
    people @2;
  }
}

struct IsolationRecord {
  host @0 :UInt32;
  since @1 :Int64;
  cause @2 :Types.Cause;
  reason @3 :Text;
  failures @4 :UInt32;
}

struct SeriesRecord {
  name @0 :Text;
  question @1 :Text;
  everyMs @2 :Int64;
  keepMs @3 :Int64;
}

# What one window of a series gave; the series and the time at which it opened are its key.
struct Sample {
  tookMs @0 :UInt32;
  rootTerm @1 :UInt64;
  rootGeneration @2 :UInt64;
  window @3 :UInt64;
  asked @4 :UInt64;
  missing @5 :Data;
  rows @6 :List(Row);
  groupsMore @7 :UInt64;

  struct Row {
    key @0 :List(Text);
    hosts @1 :UInt64;
    values @2 :List(Float64);  # not a number: there is no value
  }
}

struct Event {
  id @0 :UInt64;
  revision @1 :UInt64;
  time @2 :Int64;
  kind @3 :Text;
  hosts @4 :Data;
  cause @5 :Text;
  evidence @6 :List(Types.Label);
  cell @7 :UInt32;
  generation @8 :UInt64;
}

# A row of a timeline; the host and the time at which it begins are its key.
struct HostCondition {
  state @0 :Types.HostState;
  cause @1 :Types.Cause;
  since @2 :Int64;
  parent @3 :UInt32;
  isDrained @4 :Bool;
  generation @5 :UInt64;
  role @6 :Role;
  beginsWithState @7 :Bool;  # `since` is when the row begins, and not said again

  enum Role {
    unknown @0;
    leaf @1;
    branch @2;
    root @3;
  }
}
