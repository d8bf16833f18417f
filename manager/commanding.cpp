// What people ask for: questions, drains, tokens.

#include <algorithm>

#include "common/limits.h"
#include "common/overloaded.h"
#include "manager/state.h"

namespace coppice {
namespace {

constexpr Duration deadline_max = std::chrono::minutes{5};

std::optional<double> reduce(Reducer reducer, const Partial& partial) {
    if (partial.count == 0) return std::nullopt;
    switch (reducer) {
        case Reducer::count:
            return static_cast<double>(partial.count);
        case Reducer::sum:
            return partial.sum;
        case Reducer::avg:
            return partial.sum / static_cast<double>(partial.count);
        case Reducer::min:
            return partial.min;
        case Reducer::max:
            break;
    }
    return partial.max;
}

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
    HostSet selected;
    for (const auto& [id, host] : registry.hosts()) {
        if (only_reachable ? !is_present(host) : host.state == HostState::left) continue;
        if (selector.matches(host.name, host.labels)) selected.insert(id);
    }
    return selected;
}

// --- questions ----------------------------------------------------------------------------------

void Manager::State::ask(RequestId request, const QueryCommand& command) {
    const auto refuse_to = [&](Problem::Kind kind, std::string detail) {
        out.replies.push_back({request, problem(kind, std::move(detail))});
    };
    if (command.selector.size() > limits::selector_bytes_max)
        return refuse_to(Problem::Kind::too_large, "the selector is too long");
    const Result<Selector> selector = Selector::parse(command.selector);
    if (!selector.ok()) return refuse_to(Problem::Kind::bad_request, selector.error().message);
    if (command.reducer != Reducer::count && command.measurement.empty())
        return refuse_to(Problem::Kind::bad_request, "name a measurement, such as avg(load1)");
    if (command.deadline <= Duration::zero() || command.deadline > deadline_max)
        return refuse_to(Problem::Kind::bad_request, "the deadline is out of range; give up to 5m");
    if (hub.gather().open_windows() >= limits::open_windows_max || questions.contains(request))
        return refuse_to(Problem::Kind::unavailable,
                         std::to_string(limits::open_windows_max) +
                             " questions are open; ask again when one is answered");
    Question question{.reducer = command.reducer,
                      .target = select(*selector, true),
                      .asked = {.root = {term, ++questions_asked}, .number = 0},
                      .opened = now};
    question.numbered = question.asked;
    hub.gather().open({.window = question.asked,
                       .question = request,
                       .measurement = command.measurement,
                       .target = question.target,
                       .closes_in = command.deadline},
                      LinkId{}, false, hub.links(), now, out);
    questions.emplace(request, std::move(question));
    count("coppice_questions_total");
}

/// The root numbers windows by itself; on this link the question names them.
void Manager::State::on_answered_window(const Received& received) {
    Received translated = received;
    auto& answer = std::get<WindowClosed>(translated.frame.body);
    const auto question = questions.find(answer.question);
    if (question != questions.end()) {
        question->second.numbered = answer.window;
        answer.window = question->second.asked;
    }
    hub.on_frame(translated, standing(), now, out);
}

void Manager::State::answer_questions() {
    for (const Gather::Finished& finished : hub.gather().take_finished(now)) {
        const auto found = questions.find(finished.answer.question);
        if (found == questions.end()) continue;
        const Question& question = found->second;
        const Partial& partial = finished.answer.partial;
        out.replies.push_back(
            {finished.answer.question, QueryAnswered{.value = reduce(question.reducer, partial),
                                                     .target = question.target,
                                                     .included = partial.coverage,
                                                     .window = question.numbered,
                                                     .age = now - question.opened}});
        questions.erase(found);
    }
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
