// A client of the agent: the loop that serves its handlers, and what it asks.
#include <coppice/client.h>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <exception>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>

#include "client/http.h"
#include "client/stream.h"
#include "client/values.h"

namespace coppice::client {

using Clock = Stream::Clock;

namespace {
constexpr const char* bytes_type = "application/octet-stream";
}

struct Client::State {
    explicit State(std::string path)
        : socket{std::move(path)}, woken{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {
        role.expires_at = std::chrono::nanoseconds::zero();
    }

    void wake() const { ::eventfd_write(woken.get(), 1); }
    void run_tasks();
    [[nodiscard]] Stream events();
    [[nodiscard]] Stream subscription();
    [[nodiscard]] Stream reductions();
    [[nodiscard]] int wait_ms(const std::vector<Stream>& streams) const;

    void on_event(const StreamEvent& event);
    void on_offer(const StreamEvent& event);
    void on_reduce(const StreamEvent& event) const;
    void answer(const Value& value, const Verdict& verdict) const;
    void set_role(RoleState now_shown);
    void lose_agent();
    void notice_expiry();

    const std::string socket;
    const Descriptor woken;
    std::atomic<bool> is_stopping = false;
    mutable std::mutex mutex;
    std::vector<std::function<void()>> tasks;  // under the mutex
    RoleState role;                            // under the mutex
    // Of the thread of run().
    bool is_expiry_told = true;
    std::function<void(const RoleState&)> role_handler;
    std::function<void(const Topic&)> topic_handler;
    std::function<void(bool)> connection_handler;
    std::vector<std::string> channels;
    std::function<void(const Message&)> message_handler;
    std::vector<std::string> topics;
    std::function<Verdict(const Value&)> apply;
    std::map<std::string, Reducer> reducers;
};

// --- the interface ------------------------------------------------------------------------------

Client::Client(std::string socket) : state_{std::make_unique<State>(std::move(socket))} {}
Client::~Client() = default;

std::string Client::default_socket() {
    const char* given = std::getenv("COPPICE_SOCKET");
    return given != nullptr ? given : "/var/lib/coppice/agent/agent.sock";
}

void Client::on_role(std::function<void(const RoleState&)> handler) {
    state_->role_handler = std::move(handler);
}
void Client::on_topic(std::function<void(const Topic&)> handler) {
    state_->topic_handler = std::move(handler);
}
void Client::on_message(std::vector<std::string> channels,
                        std::function<void(const Message&)> handler) {
    state_->channels = std::move(channels);
    state_->message_handler = std::move(handler);
}
void Client::on_connection(std::function<void(bool)> handler) {
    state_->connection_handler = std::move(handler);
}
void Client::subscribe(std::vector<std::string> topics,
                       std::function<Verdict(const Value&)> apply) {
    state_->topics = std::move(topics);
    state_->apply = std::move(apply);
}
void Client::reduce(std::string name, Reducer reducer) {
    state_->reducers.insert_or_assign(std::move(name), std::move(reducer));
}

void Client::run() {
    State& state = *state_;
    std::vector<Stream> streams;
    streams.push_back(state.events());
    if (state.apply) streams.push_back(state.subscription());
    if (!state.reducers.empty()) streams.push_back(state.reductions());
    while (!state.is_stopping.exchange(false)) {
        const Clock::time_point now = Clock::now();
        for (Stream& stream : streams) stream.work(now);
        std::vector<pollfd> sources;
        for (const Stream& stream : streams) sources.push_back({stream.fd(), POLLIN, 0});
        sources.push_back({state.woken.get(), POLLIN, 0});
        ::poll(sources.data(), sources.size(), state.wait_ms(streams));
        for (std::size_t at = 0; at < streams.size(); ++at)
            if (sources[at].revents != 0) streams[at].on_readable(Clock::now());
        state.run_tasks();
        state.notice_expiry();
    }
}

void Client::stop() {
    state_->is_stopping = true;
    state_->wake();
}

void Client::post(std::function<void()> task) {
    {
        const std::lock_guard lock{state_->mutex};
        state_->tasks.push_back(std::move(task));
    }
    state_->wake();
}

Outcome<RoleState> Client::role() const {
    const Outcome<std::string> answer = ask(state_->socket, {.path = "/v1/role"});
    if (!answer) return answer.failure();
    const std::optional<RoleState> role = role_in(parsed(*answer));
    if (!role) return Failure{Failure::Kind::unreachable, "the agent's answer cannot be read"};
    return *role;
}

RoleState Client::current_role() const {
    const std::lock_guard lock{state_->mutex};
    return state_->role;
}

Outcome<std::vector<Topic>> Client::topics() const {
    const Outcome<std::string> answer = ask(state_->socket, {.path = "/v1/topics"});
    if (!answer) return answer.failure();
    const Json list = parsed(*answer);
    return topics_in(list.is_object() ? list.value("topics", Json{}) : Json{});
}

Outcome<Value> Client::get(const std::string& topic) const {
    const Outcome<std::string> answer =
        ask(state_->socket, {.path = "/v1/topics/" + escaped(topic)});
    if (!answer) return answer.failure();
    std::optional<Value> value = value_in(parsed(*answer));
    if (!value) return Failure{Failure::Kind::unreachable, "the agent's answer cannot be read"};
    value->is_current = true;
    return *value;
}

Outcome<Done> Client::set(const Measurement& measurement) const {
    const double seconds = std::chrono::duration<double>{measurement.lifetime}.count();
    const Outcome<std::string> answer =
        ask(state_->socket, {.method = "PUT",
                             .path = "/v1/measurements/" + escaped(measurement.name),
                             .body = text_of({{"value", measurement.value}, {"for_s", seconds}})});
    if (!answer) return answer.failure();
    return Done{};
}

Outcome<Done> Client::contribute(const Contribution& contribution) const {
    const double seconds = std::chrono::duration<double>{contribution.lifetime}.count();
    const Outcome<std::string> answer =
        ask(state_->socket, {.method = "PUT",
                             .path = "/v1/contributions/" + escaped(contribution.name) +
                                     "?for_s=" + text_of(Json(seconds)),
                             .body = contribution.bytes,
                             .last_event_id = {},
                             .content_type = bytes_type});
    if (!answer) return answer.failure();
    return Done{};
}

Outcome<std::vector<std::uint32_t>> Client::send(const std::string& channel, const Address& to,
                                                 const std::string& body) const {
    Json json{{"channel", channel}, {"to", to.host}, {"body", body}};
    if (to.to == Address::To::parent) json["to"] = "parent";
    if (to.to == Address::To::children) json["to"] = "children";
    const Outcome<std::string> answer =
        ask(state_->socket, {.method = "POST", .path = "/v1/messages", .body = text_of(json)});
    if (!answer) return answer.failure();
    const Json sent = parsed(*answer);
    return hosts_in(sent.is_object() ? sent.value("to", Json{}) : Json{});
}

// --- the thread of run() ------------------------------------------------------------------------

Stream Client::State::events() {
    std::string path = "/v1/events";
    for (const std::string& channel : channels)
        path += (&channel == &channels.front() ? "?channels=" : ",") + escaped(channel);
    return {socket,
            {.path = path},
            {.event = [this](const StreamEvent& event) { on_event(event); },
             .connection =
                 [this](bool is_connected) {
                     if (connection_handler) connection_handler(is_connected);
                     if (!is_connected) lose_agent();
                 }}};
}

Stream Client::State::subscription() {
    const Json body{{"topics", topics}};
    return {socket,
            {.method = "POST", .path = "/v1/subscriptions", .body = text_of(body)},
            {.event = [this](const StreamEvent& event) { on_offer(event); },
             .connection = [](bool) {}}};
}

Stream Client::State::reductions() {
    Json names = Json::array();
    for (const auto& [name, reducer] : reducers) names.push_back(name);
    const Json body{{"names", std::move(names)}};
    return {socket,
            {.method = "POST", .path = "/v1/reducers", .body = text_of(body)},
            {.event = [this](const StreamEvent& event) { on_reduce(event); },
             .connection = [](bool) {}}};
}

int Client::State::wait_ms(const std::vector<Stream>& streams) const {
    constexpr std::int64_t wait_max = 60'000;
    Clock::time_point due = Clock::time_point::max();
    for (const Stream& stream : streams) due = std::min(due, stream.due());
    std::int64_t wait = wait_max;
    const Clock::time_point now = Clock::now();
    if (due != Clock::time_point::max())
        wait = std::min(wait, std::chrono::ceil<std::chrono::milliseconds>(due - now).count());
    if (!is_expiry_told && role.expires_at) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(role.expires_in());
        wait = std::min<std::int64_t>(wait, left.count());
    }
    return static_cast<int>(std::max<std::int64_t>(wait, 0));
}

void Client::State::run_tasks() {
    eventfd_t count = 0;
    ::eventfd_read(woken.get(), &count);
    std::vector<std::function<void()>> waiting;
    {
        const std::lock_guard lock{mutex};
        waiting.swap(tasks);
    }
    for (const std::function<void()>& task : waiting) task();
}

void Client::State::on_event(const StreamEvent& event) {
    const Json json = parsed(event.data);
    if (event.name == "lease") {
        const std::lock_guard lock{mutex};
        return renew(role, json);
    }
    if (event.name == "role") {
        if (const auto shown = role_in(json)) set_role(*shown);
    } else if (event.name == "reset" && json.is_object()) {
        if (const auto shown = role_in(json.value("role", Json{}))) set_role(*shown);
        for (const Topic& topic : topics_in(json.value("topics", Json{})))
            if (topic_handler) topic_handler(topic);
    } else if (event.name == "topic") {
        if (const auto topic = topic_in(json); topic && topic_handler) topic_handler(*topic);
    } else if (event.name == "message") {
        if (const auto message = message_in(json); message && message_handler)
            message_handler(*message);
    }
}

void Client::State::set_role(RoleState now_shown) {
    {
        const std::lock_guard lock{mutex};
        role = now_shown;
    }
    is_expiry_told = !now_shown.is_valid();
    if (role_handler) role_handler(now_shown);
}

/// Without an agent nothing puts the expiry off, and another may have the role at any time.
void Client::State::lose_agent() {
    RoleState last = role;
    if (last.role == Role::leaf) return;
    last.is_attached = false;
    last.expires_at = std::chrono::nanoseconds::zero();
    set_role(last);
}

void Client::State::notice_expiry() {
    if (is_expiry_told || role.is_valid()) return;
    is_expiry_told = true;
    if (role_handler) role_handler(role);
}

void Client::State::on_offer(const StreamEvent& event) {
    const Json json = parsed(event.data);
    if (event.name == "offer") {
        if (const auto value = value_in(json)) answer(*value, apply(*value));
    } else if (event.name == "current") {
        const auto topic = topic_in(json);
        if (!topic) return;
        std::optional<Value> value = value_in(json);  // of a withdrawal it says all
        if (!value) {
            const Outcome<std::string> answered =
                ask(socket, {.path = "/v1/topics/" + escaped(topic->name)});
            if (answered) value = value_in(parsed(*answered));
        }
        if (!value) return;
        value->is_current = true;
        static_cast<void>(apply(*value));
    }
}

/// Whoever waits for an answer that comes too late has gone on without it.
void Client::State::on_reduce(const StreamEvent& event) const {
    const std::optional<Reduction> reduction = reduction_in(parsed(event.data));
    if (event.name != "reduce" || !reduction) return;
    Request request{.method = "POST", .path = "/v1/reductions/" + escaped(reduction->id)};
    try {
        request.body = reducers.at(reduction->name)(reduction->parts);
        request.path += "/reduced";
        request.content_type = bytes_type;
    } catch (const std::exception& wrong) {
        request.path += "/failed";
        request.body = text_of({{"reason", wrong.what()}});
    } catch (...) {
        request.path += "/failed";
        request.body = text_of({{"reason", "it threw what is no std::exception"}});
    }
    static_cast<void>(ask(socket, request));
}

/// An answer that comes too late, or finds no agent, is given again when the value is offered
/// again.
void Client::State::answer(const Value& value, const Verdict& verdict) const {
    Json body{{"version", value.version}};
    if (verdict) body["reason"] = verdict->empty() ? "the daemon gave no reason" : *verdict;
    static_cast<void>(ask(
        socket, {.method = "POST",
                 .path = "/v1/topics/" + escaped(value.topic) + (verdict ? "/refused" : "/applied"),
                 .body = text_of(body)}));
}

}  // namespace coppice::client
