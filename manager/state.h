#pragma once
// The inside of a Manager: one step changes the parts, and ends by collecting what is to be written
// and said. Methods are in the file of their noun.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/hub.h"
#include "common/impostor_notices.h"
#include "common/question.h"
#include "common/selector.h"
#include "common/timing.h"
#include "manager/absences.h"
#include "manager/admission.h"
#include "manager/coalescing.h"
#include "manager/grouping.h"
#include "manager/history.h"
#include "manager/isolation.h"
#include "manager/label_counts.h"
#include "manager/manager.h"
#include "manager/order_book.h"
#include "manager/placement.h"
#include "manager/push_ledger.h"
#include "manager/registry.h"
#include "manager/rollback.h"
#include "manager/series_book.h"
#include "manager/shape.h"
#include "manager/spare_users.h"
#include "manager/timelines.h"
#include "manager/tree_history.h"

namespace coppice {

/// Why a host gets another parent, and who says so.
struct MoveReason {
    std::string why{};  // empty: what became of the former parent
    MovedBy by = MovedBy::manager;
};

struct Manager::State {
    State(ManagerConfig given, Loaded loaded, const Notary& keys);

    // manager.cpp: the course of a step.
    Outputs step(const Input& input, Instant at);
    void notice_gap();
    void on_received(const Received& received);
    void on_deadlines();
    void settle();
    void collect_writes();
    void write_timelines();
    void write_tree_changes();
    [[nodiscard]] Instant next_deadline() const;
    [[nodiscard]] Instant next_deadline_at_rest() const;
    [[nodiscard]] UnixMillis unix_now() const;
    void touch(const HostRecord& host) { touched.insert(host.id); }
    void count(const std::string& counter, std::uint64_t more = 1) { counters[counter] += more; }

    // loading.cpp: from the store.
    void load(std::vector<Record> records);
    void load_shape();
    void load_place(const HostRecord& host);
    void resume_orders();
    /// Of a store of an older release, which has none, or none with roles.
    void begin_timelines();
    /// A clock that was set back a little would leave hosts in states that begin in the future.
    void limit_sinces();

    // joining.cpp: registration.
    void on_register(const Received& received);
    void refuse(const Received& received, const RegistrationRefusal& refusal);
    void admit_waiting();
    [[nodiscard]] std::optional<RegistrationRefusal> admit(const Received& received);
    [[nodiscard]] std::optional<RegistrationRefusal> readmit(HostRecord& host,
                                                             const Received& received);
    [[nodiscard]] std::optional<RegistrationRefusal> name_conflict(const Register& request,
                                                                   const PublicKey& key);
    /// With those of its token.
    [[nodiscard]] Labels labels_of(const Register& request, const std::string& token) const;
    void update(HostRecord& host, const Register& request);
    void restart(HostRecord& host, Incarnation incarnation, Cause former_end = Cause::none);
    void weigh_memory(HostRecord& host, bool is_short);
    /// `heir` takes its name over, and its history; none when it has one of its own.
    void forget(HostId id, HostId heir);

    // seeking.cpp: a host asks for its order or for a place.
    void on_seek(const Received& received);
    [[nodiscard]] bool needs_place(const HostRecord& host, const Seek& seek) const;
    void give_place(HostRecord& host, const Seek& seek);
    void end_suspicion(const HostRecord& host, const Seek& seek);
    void hear_seeker(HostRecord& host, const Seek& seek);
    void hand_over(HostRecord& host);
    void hear_of_dead_root(const HostRecord& host, const Seek& seek);
    void pass_over(HostRecord& root, HostId heir);

    // placing.cpp: the tree and the records in step.
    void add_to_shape(const HostRecord& host) { shape.add(host.id, host.labels); }
    void place(HostRecord& host);
    /// `why` goes into the history of the tree; empty: what became of the former parent.
    void replace(HostRecord& host, HostId avoid, const std::string& why = {});
    void take(HostRecord& host, const Placement& placement, const MoveReason& reason = {});
    void set_parent(HostRecord& host, HostId parent, const MoveReason& reason);
    [[nodiscard]] std::string fate_of(HostId parent) const;
    void set_unplaced(HostRecord& host, std::string reason);
    void promote(HostId id);
    void demote(HostRecord& host);
    void crown(HostRecord& host);
    void succeed();
    void renew_understudy();
    void retry_unplaced();
    /// Brings what placement may do with a host in line with its record.
    void regrade(const HostRecord& host);
    void regrade_cooled();

    // leading.cpp: who may lead, and who leads for want of others.
    void notice_stopgap(const HostRecord& host);
    void relieve_stopgaps();
    [[nodiscard]] bool is_relievable(const HostRecord& host) const;
    [[nodiscard]] bool has_heir(HostId branch) const;
    /// People do not forbid it, and the host is going to stay.
    [[nodiscard]] bool may_hold_role(const HostRecord& host) const {
        return !host.is_drained && !leaving.contains(host.id);
    }
    [[nodiscard]] Fitness fitness(const HostRecord& host) const;
    /// The settings let it lead.
    [[nodiscard]] bool is_leader(const HostRecord& host) const {
        return leaders.matches(host.name, host.labels);
    }
    [[nodiscard]] Shape::Depth depth_max() const {
        return depth_bound(registry.size(), config.fanout);
    }
    /// With the newcomers of the batch that is being admitted.
    [[nodiscard]] Shape::Depth depth_max_of_batch() const {
        return depth_bound(registry.size() + newcomers, config.fanout);
    }

    // flapping.cpp: hosts that come and go.
    [[nodiscard]] static bool is_unstable(const HostRecord& host) {
        return host.unstable_since != UnixMillis{};
    }
    void note_departure(HostRecord& host);
    void begin_cool_down(HostRecord& host);
    void tell_return(const HostRecord& host, const char* kind, Cause cause);
    [[nodiscard]] Event story_of(const HostRecord& host);
    void tell_of_unstable();
    void calm_down();
    void resume_calming(const HostRecord& host);
    void limit_cool_downs();

    // healing.cpp: what the tree says of hosts.
    void on_fact(const HostFact& fact);
    [[nodiscard]] HostRecord* find_older_than(const HostFact& fact);
    void suspect(const HostFact& fact);
    void on_live(HostRecord& host, const HostFact& fact, bool is_new_attachment);
    void settle_parent(HostRecord& host, const HostFact& fact, bool is_new_attachment);
    [[nodiscard]] bool is_acceptable(HostId host, HostId parent) const;
    void appear(const HostRecord& host);
    [[nodiscard]] std::vector<Share> shares_of(const HostRecord& host) const;
    void retire(HostRecord& host, HostState state, Cause cause);
    void strip(HostRecord& host);
    void place_orphans();
    void revive_returned();
    void drop_suspicions();
    void see_off();
    void flatten();
    void refresh_users_of(HostId id);
    void on_members();
    void excuse_missing();
    void notice_root();
    void declare_missing_lost();
    [[nodiscard]] bool is_root_heard() const;
    [[nodiscard]] Instant blind_at() const;
    void notice_blindness();

    // witnessing.cpp: is it the root that is gone, or this manager?
    [[nodiscard]] bool is_root_silent() const;
    [[nodiscard]] bool is_witnessed() const;
    void hear_witness();
    void ask_witnesses();
    void on_witness_probed(const ProbeFinished& finished);
    [[nodiscard]] bool withholds_verdict(const HostRecord& host, Cause cause);
    void judge_root();

    // ordering.cpp: generations and orders.
    void commit_plan();
    void queue_refresh(HostId id);
    void queue_refresh(const HostSet& hosts);
    void refresh_some();
    [[nodiscard]] bool is_worth_an_order(const HostRecord& host,
                                         const std::vector<HostId>& spares) const;
    [[nodiscard]] std::vector<HostId> first_spares_of_siblings(HostId id) const;
    [[nodiscard]] std::vector<HostId> spares_of(HostId id) const;
    [[nodiscard]] Order order_for(const HostRecord& host) const;
    [[nodiscard]] PeerAddress address_of(HostId id) const;
    void send_due_orders();
    bool send_order(const HostRecord& host);
    void set_spares(HostRecord& host, std::vector<HostId> spares);
    void answer_waiting();
    void reply_to(const Received& received, Message body);
    [[nodiscard]] Standing standing() const;

    // replanning.cpp: people re-shape the tree.
    [[nodiscard]] Answer on(const ReshapeCommand& command);
    [[nodiscard]] Answer on(const RollBackCommand& command);
    [[nodiscard]] PlanOutcome rebalance_plan(const MovesBound& bound) const;
    [[nodiscard]] PlanOutcome rollback_plan(std::uint64_t generation,
                                            const MovesBound& bound) const;
    [[nodiscard]] std::optional<Problem> objection_to_plans(const MovesBound& bound) const;
    [[nodiscard]] Answer apply(const PlanOutcome& outcome, const std::string& digest,
                               const std::string& kind);
    [[nodiscard]] ReshapingRequest reshaping_request(const MovesBound& bound) const;
    [[nodiscard]] std::vector<FormerPlace> places_at(std::uint64_t generation) const;
    [[nodiscard]] std::string trouble_of_host(HostId id) const;
    [[nodiscard]] std::string trouble_of_parent(HostId id) const;
    void number(TreePlan& made, const std::string& kind) const;

    // commanding.cpp: people.
    void on_command(const CommandReceived& received);
    [[nodiscard]] Answer on(const DrainCommand& command);
    [[nodiscard]] Answer on(const CreateTokenCommand& command);
    [[nodiscard]] Answer on(const RevokeTokenCommand& command);
    bool forget_a_dead_token();
    void drain(HostRecord& host);
    void depose(HostRecord& host);
    [[nodiscard]] HostId heir_of_root() const;
    [[nodiscard]] HostSet select(const Selector& selector, bool only_reachable) const;

    // questioning.cpp
    struct OpenQuestion {
        Question question;
        HostSet target;
        std::string series{};  // whose window it is; empty: somebody has asked
        WindowId asked{};
        WindowId numbered{};  // by the root
        Instant opened{};
    };
    void ask(RequestId request, const QueryCommand& command);
    void open_window(RequestId request, OpenQuestion open, Duration closes_in);
    [[nodiscard]] std::optional<Error> unknown_group(const Question& question,
                                                     const HostSet& target) const;
    void on_answered_window(const Received& received);
    void answer_questions();

    // series.cpp
    [[nodiscard]] Answer on(const AddSeriesCommand& command);
    [[nodiscard]] Answer on(const RemoveSeriesCommand& command);
    void ask_series();
    void close_series(const std::string& name, const QueryAnswered& answer);

    // pushing.cpp: values on their way.
    [[nodiscard]] Answer on(const PushCommand& command);
    [[nodiscard]] Answer on(const RemoveRuleCommand& command);
    [[nodiscard]] Answer on(const RevertCommand& command);
    [[nodiscard]] Answer on(const StopCommand& command);
    [[nodiscard]] Answer on(const UnstopCommand& command);
    [[nodiscard]] Answer push(const PushCommand& command);
    [[nodiscard]] std::optional<Problem> objection(const PushCommand& command) const;
    [[nodiscard]] PushId next_push();
    void seal(PushRecord& push, Bytes payload) const;
    [[nodiscard]] Bytes payload_of(PushId id) const;
    std::vector<PushId> issue_owed();
    std::vector<PushId> issue(const Owed& owed);
    PushId issue_to(const Owed& owed, const HostSet& hosts, const std::string& selector,
                    const Bytes& payload);
    void begin_ripe();
    void settle_ledger();
    void offer_push(PushId id);
    void weigh_answers(const std::vector<Answers>& answers);
    void settle_isolation();
    [[nodiscard]] HostSet stopped() const;
    void offer_changed(const LedgerChanges& changes);
    [[nodiscard]] Instant ledger_due() const;

    // snapshot.cpp: views.
    [[nodiscard]] HostView view_of(const HostRecord& host) const;
    [[nodiscard]] HostState state_of(const HostRecord& host) const;
    /// Why its link crosses failure domains, as a sentence; empty: it does not.
    [[nodiscard]] std::string crossing_of(HostId id) const;
    [[nodiscard]] HostCounts counts() const;
    [[nodiscard]] std::string name_of(HostId id) const;
    [[nodiscard]] CellView cell_view() const;
    [[nodiscard]] Shape::Depth tree_depth() const;
    void find_faults(const HostRecord& host, std::vector<TreeFault>& faults) const;
    [[nodiscard]] HostSet reachable() const { return present; }
    [[nodiscard]] std::vector<StopView> stops() const;
    [[nodiscard]] std::vector<ReceiptView> receipts(const std::vector<PushId>& pushes) const;
    void explain_waiting(std::vector<ReceiptView>& receipts) const;

    // reasoning.cpp
    [[nodiscard]] std::string reason_of_state(const HostRecord& host) const;
    [[nodiscard]] std::string reason_of_place(const HostRecord& host) const;
    [[nodiscard]] std::string reason_of_role(const HostRecord& host) const;
    [[nodiscard]] std::vector<std::string> reasons_of(const HostRecord& host) const;

    // metrics.cpp
    [[nodiscard]] std::map<std::string, std::uint64_t> all_counters() const;

    const ManagerConfig config;
    const Notary& notary;
    const Timing timing;
    const Selector leaders;  // config.may_lead
    const std::uint64_t term;
    const std::uint64_t instance;  // tells two managers that claim one term apart

    FleetRecord fleet;
    CellRecord cell;
    std::map<std::string, TokenRecord> tokens;
    Registry registry;
    Shape shape;
    SpareUsers spare_users;
    History history;
    Timelines timelines;
    TreeHistory tree_history;
    Grouping grouping;
    PushLedger ledger;
    Isolation isolation{config.failures_max, config.isolation_pause};
    Coalescing coalescing;
    Hub hub;
    HostSet present;           // registered, neither lost nor gone
    LabelCounts label_counts;  // of those
    HostSet unplaced;
    std::set<std::pair<UnixMillis, HostId>> cooling;  // by the end of the cool-down
    HostSet stopgaps;  // hold a role and should not, since nobody else could
    Instant relief_due = never;

    // Registration.
    struct Waiting {
        Received received;
        HostId host;  // to be answered with its newest order
    };
    std::vector<Received> arrivals;
    std::uint64_t newcomers = 0;  // of the batch that is being admitted, still to be placed
    std::map<PublicKey, std::size_t> arrival_of;
    Instant arrivals_due = never;
    std::vector<Waiting> waiting;                           // for the commit of this step
    std::set<std::pair<std::string, PublicKey>> conflicts;  // that an event tells of

    // Orders.
    OrderBook orders;
    ImpostorNotices impostors;
    std::set<HostId> plan;        // a new order in this step's generation
    std::set<HostId> plan_later;  // in one generation a little later
    Instant plan_due = never;
    HostSet refresh;  // the same place with other spares, when there is time
    Instant refresh_due = never;
    HostSet moved;                     // in this step
    std::map<HostId, Route> route_of;  // connections on which hosts talk to this manager
    std::map<Route, HostId> host_on;
    std::uint64_t sequence = 0;

    // Liveness.
    Absences missing;                    // live hosts that are in no subtree
    Absences suspects;                   // live by the record, silent just now
    Absences orphaned;                   // children of who died
    Absences returned;                   // lost hosts that are in a subtree
    Absences calming;                    // unstable hosts, until they have been quiet
    HostSet unstable_news;               // unstable, or not any more, and not told yet
    Absences leaving;                    // about to stop; they hold no role
    std::map<HostId, Instant> given_at;  // a place, to a host that sought one
    Instant flatten_due = never;
    Instant root_unheard_since = never;  // never: it is heard
    bool is_blind = false;               // no root was heard for Timing::not_back_after
    HostId unjudged_root;                // silent when nobody else was there either
    Instant judge_due = never;           // it has had the time to speak
    Instant witnessed_at{};              // somebody other than the root was there
    Instant witnesses_due = never;       // the next round of probes
    std::set<ProbeId> witnesses;         // probes under way
    ProbeId next_witness{1};             // odd; those of the links are even
    bool is_root_untried = false;        // named in this life of the manager, and not heard yet

    std::map<RequestId, OpenQuestion> questions;
    std::uint64_t questions_asked = 0;
    SeriesBook series;
    std::uint64_t series_asked = 0;

    // Collected by a step.
    Instant now{};
    Instant unix_read_at{};
    UnixMillis unix_read{};
    Instant due = never;
    Outputs out;
    std::set<HostId> touched;
    std::map<HostId, HostId> erased;  // to the heir
    std::set<std::string> touched_tokens;
    FleetRecord fleet_written;
    CellRecord cell_written;
    bool wants_understudy = false;
    bool has_new_room = false;
    bool has_presence_changed = false;
    std::map<std::string, std::uint64_t> counters;
};

}  // namespace coppice
