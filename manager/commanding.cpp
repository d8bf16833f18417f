// What people ask for: drains, tokens, and who does what else.

#include <algorithm>

#include "common/limits.h"
#include "common/overloaded.h"
#include "manager/state.h"

namespace coppice {
namespace {

Problem problem(Problem::Kind kind, std::string detail) { return {kind, std::move(detail)}; }

}  // namespace

void Manager::State::on_command(const CommandReceived& received) {
    if (const auto* query = std::get_if<QueryCommand>(&received.command))
        return ask(received.request, *query);
    Answer answer = std::visit(Overloaded{
                                   [](const QueryCommand&) -> Answer { return Accepted{}; },
                                   [this](const auto& command) -> Answer { return on(command); },
                               },
                               received.command);
    out.replies.push_back({received.request, std::move(answer)});
}

HostSet Manager::State::select(const Selector& selector, bool only_reachable) const {
    if (only_reachable && selector.selects_all()) return present;
    HostSet selected;
    for (const auto& [id, host] : registry.hosts()) {
        if (only_reachable ? !is_present(host) : host.state == HostState::left) continue;
        if (selector.matches(host.name, host.labels)) selected.insert(id);
    }
    return selected;
}

// --- drains -------------------------------------------------------------------------------------

Answer Manager::State::on(const DrainCommand& command) {
    HostRecord* host = registry.find_name(command.host);
    if (host == nullptr)
        return problem(Problem::Kind::not_found,
                       "no host is named '" + command.host + "'; `coppice hosts` lists them");
    if (host->is_drained == command.is_drained) return Accepted{};
    if (command.is_drained && host->id == cell.root && heir_of_root() == HostId{})
        return problem(Problem::Kind::conflict,
                       "'" + command.host +
                           "' is the root and no other host can take over; "
                           "add a host or wait until one is live");
    host->is_drained = command.is_drained;
    host->drain_reason = command.is_drained ? command.reason : std::string{};
    touch(*host);
    history.note(command.is_drained ? "host.drained" : "host.undrained", host->id, command.reason);
    if (command.is_drained && is_present(*host)) drain(*host);
    regrade(*host);
    return Accepted{};
}

/// Make before break: its children get other parents, and it serves them until they have left.
void Manager::State::drain(HostRecord& host) {
    if (cell.understudy == host.id) {
        cell.understudy = {};
        wants_understudy = true;
        plan.insert(host.id);
    }
    regrade(host);
    if (host.id == cell.root) return depose(host);
    if (host.role == Role::leaf) return;
    const std::vector<HostId> children = shape.children(host.id);
    for (const HostId child : children) replace(*registry.find(child), host.id);
    if (shape.children(host.id).empty()) demote(host);
    refresh_users_of(host.id);
}

/// The understudy, unless it may be dead; zero: nobody.
HostId Manager::State::heir_of_root() const {
    const HostRecord* understudy = registry.find(cell.understudy);
    const bool is_well = understudy != nullptr && fitness(*understudy) != Fitness::unfit;
    return is_well ? cell.understudy : choose_understudy(shape);
}

void Manager::State::depose(HostRecord& host) {
    const HostId heir = heir_of_root();
    if (heir == HostId{}) return;
    const std::vector<HostId> children = shape.children(host.id);
    shape.detach(heir);
    shape.detach(host.id);
    cell.root = {};
    crown(*registry.find(heir));
    for (const HostId child : children) {
        if (child == heir) continue;
        HostRecord& orphan = *registry.find(child);
        shape.detach(child);
        if (shape.children(heir).size() < config.fanout) {
            take(orphan, {heir});
        } else {
            replace(orphan, host.id);
        }
    }
    demote(host);
    place(host);
}

// --- tokens -------------------------------------------------------------------------------------

/// False when every token can still be used.
bool Manager::State::forget_a_dead_token() {
    const auto dead = std::find_if(tokens.begin(), tokens.end(), [this](const auto& entry) {
        return token_state(entry.second, unix_now()) != std::string_view{"valid"};
    });
    if (dead == tokens.end()) return false;
    out.writes.emplace_back(Erase{key_of(dead->second)});
    touched_tokens.erase(dead->first);
    tokens.erase(dead);
    return true;
}

Answer Manager::State::on(const CreateTokenCommand& command) {
    if (command.id.empty() || command.id.size() > limits::name_bytes_max)
        return problem(
            Problem::Kind::bad_request,
            "the id of a token has 1 to " + std::to_string(limits::name_bytes_max) + " bytes");
    if (tokens.contains(command.id))
        return problem(Problem::Kind::conflict,
                       "there is a token '" + command.id + "' already; use another id");
    if (std::string mistake = label_mistake(command.labels); !mistake.empty())
        return problem(Problem::Kind::bad_request, std::move(mistake));
    if (tokens.size() >= limits::tokens_max && !forget_a_dead_token())
        return problem(Problem::Kind::conflict,
                       std::to_string(limits::tokens_max) +
                           " tokens are valid; use one of them, or revoke some");
    if (command.lifetime < Duration::zero())
        return problem(Problem::Kind::bad_request, "the lifetime of a token is not negative");
    const UnixMillis lifetime = std::chrono::duration_cast<UnixMillis>(command.lifetime);
    tokens.emplace(command.id, TokenRecord{.id = command.id,
                                           .secret_hash = command.secret_hash,
                                           .created = unix_now(),
                                           .expires = command.lifetime == Duration::zero()
                                                          ? UnixMillis{}
                                                          : unix_now() + lifetime,
                                           .uses_max = command.uses_max,
                                           .labels = command.labels});
    touched_tokens.insert(command.id);
    history.note("token.created", HostSet{}, command.id);
    return Accepted{};
}

Answer Manager::State::on(const RevokeTokenCommand& command) {
    const auto token = tokens.find(command.id);
    if (token == tokens.end())
        return problem(Problem::Kind::not_found,
                       "there is no token '" + command.id + "'; `coppice token list` shows them");
    if (std::exchange(token->second.is_revoked, true)) return Accepted{};
    touched_tokens.insert(command.id);
    history.note("token.revoked", HostSet{}, command.id);
    return Accepted{};
}

}  // namespace coppice
