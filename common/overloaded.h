#pragma once
// The usual helper to visit a variant with one lambda per alternative.

namespace coppice {

template <class... Functions>
struct Overloaded : Functions... {
    using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

}  // namespace coppice
