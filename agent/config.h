#pragma once
// Settings of an agent; flags, file and --print-config use the same names.

#include <string>
#include <vector>

#include "common/ids.h"
#include "common/inquiry.h"
#include "common/labels.h"
#include "common/measurement.h"
#include "common/record.h"
#include "common/statement.h"

namespace coppice {

struct AgentConfig {
    std::string fleet;  // from the token
    std::string name;
    std::string machine_id;
    PublicKey key{};                     // this host's own
    std::vector<std::string> addresses;  // where children and probes reach this host
    std::vector<PeerAddress> managers;   // host zero, key from the token
    std::string token_id;
    Bytes token_secret;
    Labels labels;
    std::vector<Measurement> resources;
    Facts facts;
    std::string release;
    std::vector<AppliedRecord> applied;  // what its files say has taken effect
    std::uint64_t oom_kills = 0;  // that the kernel has counted in this process's control group
    std::uint64_t seed = 1;       // of jitter and link ids; must differ between runs of one host
};

}  // namespace coppice
