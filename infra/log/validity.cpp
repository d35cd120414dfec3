#include "infra/log/validity.hpp"

namespace kiroku::log {

Verdict Validity::accept(const Place& place) {
    if (rule_.term && (standing_.term == no_term || place.term != standing_.term)) return Verdict::void_record;
    if (rule_.sequence && place.sequence.value != standing_.sequence.value + 1) return Verdict::void_record;
    standing_.sequence = place.sequence;

    const bool continues = place.part == parts_seen_ + 1 && place.part <= place.parts;
    if (rule_.whole && !continues) {  // an owner never writes this; void the rest of its term rather than guess
        standing_.term = no_term;
        return Verdict::void_record;
    }
    const bool last = place.part >= place.parts;
    parts_seen_ = last ? 0 : place.part;
    return last || !rule_.whole ? Verdict::decision : Verdict::part;
}

}  // namespace kiroku::log
