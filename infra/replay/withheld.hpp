// infra/replay/withheld.hpp: what of the events is not for everybody who may read them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kiroku::replay {

/// What isn't there can't be asked for either: filters see an event as its reader does.
class Withheld {
public:
    struct Rule {
        std::string_view type;
        std::vector<std::string_view> members{};  ///< of the event's data, that are left out
    };

    /// Nothing is.
    Withheld() = default;

    /// Of `closed` contexts only types that have a rule are shown, be it an empty one.
    Withheld(std::vector<Rule> rules, std::vector<std::string_view> closed);

    /// Whether nothing of such events is shown.
    [[nodiscard]] bool hides(std::string_view type) const;

    /// The members of such an event's data that are left out.
    [[nodiscard]] std::span<const std::string_view> hidden_in(std::string_view type) const;

private:
    [[nodiscard]] const Rule* rule_for(std::string_view type) const;

    std::vector<Rule> rules_;
    std::vector<std::string_view> closed_;
};

/// A CloudEvent of ours without these members of its data; all else is as it was, byte for byte. Throws what keeps it
/// from being read.
std::string without(std::string_view text, std::span<const std::string_view> members);

}  // namespace kiroku::replay
