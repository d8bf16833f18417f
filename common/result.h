#pragma once
// A value or a sentence that says what is wrong, where, and what to do.

#include <string>
#include <utility>
#include <variant>

#include "common/ensure.h"

namespace coppice {

struct Error {
    std::string message;
    friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
class [[nodiscard]] Result {
public:
    Result(T value)
        : state_{std::in_place_index<0>, std::move(value)} {
    }  // NOLINT(google-explicit-constructor)
    Result(Error error)
        : state_{std::in_place_index<1>, std::move(error)} {
    }  // NOLINT(google-explicit-constructor)

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    /// Requires ok().
    [[nodiscard]] T& value() {
        COPPICE_ENSURE(ok(), "Result::value of an error");
        return *std::get_if<0>(&state_);
    }
    [[nodiscard]] const T& value() const {
        COPPICE_ENSURE(ok(), "Result::value of an error");
        return *std::get_if<0>(&state_);
    }
    /// Requires !ok().
    [[nodiscard]] const Error& error() const {
        COPPICE_ENSURE(!ok(), "Result::error of a value");
        return *std::get_if<1>(&state_);
    }
    T& operator*() { return value(); }
    const T& operator*() const { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

private:
    std::variant<T, Error> state_;
};

/// The success of an operation that has nothing to return.
struct Done {
    friend bool operator==(const Done&, const Done&) = default;
};

}  // namespace coppice
