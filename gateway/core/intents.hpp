// gateway/core/intents.hpp: what a caller wants done, known again when it is told again (Idempotency-Key).
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "gateway/core/problem.hpp"
#include "gateway/core/request.hpp"
#include "infra/crypto/key_set.hpp"
#include "infra/log/envelope.hpp"
#include "schemas/core/types.hpp"

namespace kiroku::gateway {

/// One wish. While a copy of it exists, the same wish of another request is refused as in flight.
struct Intent {
    CommandId command;
    std::string hash;   ///< of method, path and body: the same key with another body is not the same wish
    std::string actor;  ///< "user/<id>" or "anonymous"
    std::string correlation;
    std::string traceparent;
    std::optional<log::Version> expected;  ///< what is changed must have this version
    std::shared_ptr<const void> in_flight;
    std::string roles{};         ///< of a signed-in caller, comma-separated
    std::string organization{};  ///< theirs; empty: none

    /// An id that this wish gives to something new, the same one whenever it is told.
    [[nodiscard]] Uuid new_id(std::string_view what) const { return uuid_v5(command.value, what); }
};

/// Used on the io thread only.
class Intents {
public:
    explicit Intents(const crypto::KeySet& keys);

    /// `caller` separates the keys of different people; `body` is the canonical form of what was sent. Without a key
    /// the wish is a new one each time. Refused: `request_in_flight`.
    std::expected<Intent, Problem> begin(const Request& request, std::string_view caller, std::string_view body);

    [[nodiscard]] std::string hash(const Request& request, std::string_view body) const;

    /// The same wish under an id that was never used.
    [[nodiscard]] static Intent afresh(Intent intent);

private:
    std::shared_ptr<const void> hold(const CommandId& command);

    using Held = std::unordered_set<CommandId>;
    const crypto::KeySet& keys_;
    std::shared_ptr<Held> held_ = std::make_shared<Held>();
};

/// The caller of a signed-in request, for `begin`.
std::string caller_name(const Request& request);

}  // namespace kiroku::gateway
