#pragma once
// What systemd is told of a service, in its own protocol (sd_notify(3)), without its library: that
// one loads seven others into each agent.

#include <string_view>

namespace coppice {

/// Sends `state`, such as "READY=1", to the socket that NOTIFY_SOCKET names. Without one, or when
/// nobody listens, nothing happens.
void tell_service_manager(std::string_view state);

}  // namespace coppice
