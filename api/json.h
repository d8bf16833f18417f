#pragma once
// What a manager shows, as JSON. Names of fields are a promise: add, never rename.

#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "common/command.h"
#include "common/host_set.h"
#include "manager/past_tree.h"
#include "manager/series_book.h"
#include "manager/views.h"

namespace coppice {

using Json = nlohmann::ordered_json;
/// Names of hosts as a bracketed list: Manager::names.
using NamesOf = std::function<std::string(const HostSet&)>;
/// The name of one host: Manager::name.
using NameOf = std::function<std::string(HostId)>;

[[nodiscard]] Json json_of(const StatusView& status);
[[nodiscard]] Json json_of(const HostView& host);
[[nodiscard]] Json json_of(const TreeView& tree);
[[nodiscard]] Json json_of(const PastTree& tree);
[[nodiscard]] Json json_of(const TreePlan& plan, const NameOf& name);
[[nodiscard]] Json json_of(const TreeChangeView& change);
[[nodiscard]] Json json_of(const TokenView& token);
[[nodiscard]] Json json_of(const ReceiptView& receipt, const NamesOf& names);
[[nodiscard]] Json json_of(const RuleView& rule, const NamesOf& names);
[[nodiscard]] Json json_of(const StopView& stop, const NamesOf& names);
[[nodiscard]] Json json_of(const PushPlanned& plan, const NamesOf& names);
[[nodiscard]] Json json_of(const EventView& view, const NamesOf& names);
[[nodiscard]] Json json_of(const QueryAnswered& answer, const NamesOf& names, const NameOf& name);
[[nodiscard]] Json json_of(const SeriesView& series, const NamesOf& names);
/// `by`: the names of the parts of the keys of its groups.
[[nodiscard]] Json json_of(const Sample& sample, const std::vector<std::string>& by,
                           const NamesOf& names);
/// Term, generation and number, with dots.
[[nodiscard]] std::string window_text(const WindowId& window);

/// Each as text, or as {"base64": ...} when it is none.
[[nodiscard]] Json json_of(const Parts& parts);

/// The state that people are shown: a host that has not joined yet is "suspect".
[[nodiscard]] const char* shown_state(HostState state);

/// "unknown" when an older release did not write it.
[[nodiscard]] const char* shown_role(const std::optional<Role>& role);

/// Prometheus text exposition format 0.0.4, sorted by name.
[[nodiscard]] std::string metrics_text(std::vector<MetricView> metrics);

}  // namespace coppice
