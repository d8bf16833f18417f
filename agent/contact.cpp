#include "agent/contact.h"

#include <algorithm>
#include <utility>

namespace coppice {
namespace {
constexpr std::uint32_t tries_per_manager = 5;
constexpr int idle_intervals = 5;
}  // namespace

Contact::Contact(const AgentConfig& config, Timing timing)
    : config_{config}, timing_{timing}, managers_{config.managers}, pause_{timing.retry_min()} {}

void Contact::set_managers(std::vector<PeerAddress> managers) {
    if (managers.empty() || managers == managers_) return;
    managers_ = std::move(managers);
    manager_ = 0;
}

Register Contact::registration() const {
    return {.token_id = config_.token_id,
            .token_secret = config_.token_secret,
            .name = config_.name,
            .machine_id = config_.machine_id,
            .addresses = config_.addresses,
            .labels = config_.labels,
            .resources = config_.resources,
            .release = config_.release,
            .former_end = former_run_.former_end,
            .is_short_of_memory = former_run_.is_short_of_memory};
}

void Contact::register_host(const FormerRun& former, Instant now) {
    former_run_ = former;
    asking_ = Asking::registration;
    pause_ = timing_.retry_min();
    next_try_ = now;
}

void Contact::seek(const Seek& question, Instant now) {
    if (asking_ == Asking::registration) return;
    if (!is_asking()) {
        pause_ = timing_.retry_min();
        next_try_ = now;
    }
    asking_ = Asking::place;
    question_ = question;
}

void Contact::stop_asking(Instant now) {
    asking_ = Asking::nothing;
    tries_ = 0;
    pause_ = timing_.retry_min();
    next_try_ = is_warm_ ? now + timing_.warm_after() : never;
    close_at_ = now + timing_.interval * idle_intervals;
}

void Contact::keep_warm(const Seek& question, Instant now) {
    warmth_ = question;
    if (std::exchange(is_warm_, true) || is_asking()) return;
    next_try_ = now;
}

void Contact::back_off(Instant now) {
    pause_ = timing_.retry_max();
    next_try_ = now + pause_;
}

void Contact::on_link_dropped(Route route, Instant now) {
    if (owns(route) && is_warm_) next_try_ = std::min(next_try_, now + timing_.retry_min());
}

bool Contact::accepts(const Received& received) {
    const Header& header = received.frame.header;
    return owns(received.route) && header.sender == manager_host &&
           received.key == managers_[manager_].key;
}

void Contact::open(Drawer& drawer, Outputs& out) {
    route_ = drawer.route();
    out.connects.push_back({*route_, managers_[manager_]});
}

void Contact::work(Instant now, Drawer& drawer, Outputs& out) {
    const bool is_busy = is_asking() || is_warm_;
    if (!is_busy && route_ && now >= close_at_) close(out);
    if (!is_busy || now < next_try_ || managers_.empty()) return;
    if (is_asking() && ++tries_ % tries_per_manager == 0 && route_) {
        close(out);  // another manager, or at least another connection
        manager_ = (manager_ + 1) % managers_.size();
    }
    if (!route_) open(drawer, out);
    const Header header{.cell = identity_.cell,
                        .sender = identity_.self,
                        .incarnation = identity_.incarnation,
                        .lane = Lane::management,
                        .sequence = ++sequence_};
    const bool is_registering = asking_ == Asking::registration;
    Message body =
        is_registering ? Message{registration()} : Message{is_asking() ? question_ : warmth_};
    out.sends.push_back({*route_, {header, std::move(body)}});
    if (is_asking()) {
        next_try_ = now + drawer.jittered(pause_);
        pause_ = std::min(pause_ * 2, timing_.retry_max());
    } else {
        next_try_ = now + drawer.jittered(timing_.warm_after());
    }
}

void Contact::close(Outputs& out) {
    if (route_) out.disconnects.push_back({*route_});
    route_.reset();
    close_at_ = never;
}

Instant Contact::next_deadline() const {
    if (is_asking() || is_warm_) return next_try_;
    return route_ ? close_at_ : never;
}

}  // namespace coppice
