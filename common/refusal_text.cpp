#include "common/refusal_text.h"

namespace coppice {

const char* to_text(Refusal reason) {
    switch (reason) {
        case Refusal::not_a_parent:
            return "it is no parent";
        case Refusal::full:
            return "it is full";
        case Refusal::bad_ticket:
            return "the ticket is bad";
        case Refusal::stale_ticket:
            return "there is a newer ticket";
        case Refusal::not_fresh:
            return "it has not heard the root lately";
        case Refusal::cycle:
            return "it is below this host";
        case Refusal::draining:
            return "it drains";
        case Refusal::unknown_link:
            return "it does not know this link";
        case Refusal::stale_incarnation:
            break;
    }
    return "there is a newer run of this host";
}

}  // namespace coppice
