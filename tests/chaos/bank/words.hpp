// tests/chaos/bank/words.hpp: the bank's commands, events and answers with their JSON, which has no schemas.
#pragma once

#include <array>
#include <string>
#include <tuple>
#include <vector>

#include "schemas/core/json_reader.hpp"
#include "schemas/core/json_writer.hpp"
#include "schemas/core/strong.hpp"

namespace kiroku::bank {

using AccountId = Strong<Uuid, struct AccountIdTag>;
using TransferId = Strong<Uuid, struct TransferIdTag>;  ///< the id of the event that says that it was sent
using OpId = Strong<Uuid, struct OpIdTag>;  ///< the client's own name for what it does, found again in the log

struct Count {
    static constexpr std::string_view type = "bank.count.v1", aggregate = "account";
    static constexpr std::array<std::string_view, 2> names{"op", "by"};
    OpId op;
    std::int32_t by = 0;
    static auto fields(auto& self) { return std::tie(self.op, self.by); }
};
struct Transfer {
    static constexpr std::string_view type = "bank.transfer.v1", aggregate = "account";
    static constexpr std::array<std::string_view, 4> names{"op", "from", "to", "amount"};
    OpId op;
    AccountId from, to;
    std::int32_t amount = 0;
    static auto fields(auto& self) { return std::tie(self.op, self.from, self.to, self.amount); }
};
struct Receive {
    static constexpr std::string_view type = "bank.receive.v1", aggregate = "account";
    static constexpr std::array<std::string_view, 3> names{"transfer", "from", "amount"};
    TransferId transfer;
    AccountId from;
    std::int32_t amount = 0;
    static auto fields(auto& self) { return std::tie(self.transfer, self.from, self.amount); }
};
using AccountCommand = std::variant<Count, Transfer, Receive>;

struct Counted {
    static constexpr std::string_view type = "bank.counted.v1";
    static constexpr std::array<std::string_view, 3> names{"op", "by", "count"};
    OpId op;
    std::int32_t by = 0, count = 0;  ///< `count`: after it
    static auto fields(auto& self) { return std::tie(self.op, self.by, self.count); }
};
struct Debited {
    static constexpr std::string_view type = "bank.debited.v1";
    static constexpr std::array<std::string_view, 3> names{"op", "amount", "balance"};
    OpId op;
    std::int32_t amount = 0, balance = 0;
    static auto fields(auto& self) { return std::tie(self.op, self.amount, self.balance); }
};
struct Sent {
    static constexpr std::string_view type = "bank.sent.v1";
    static constexpr std::array<std::string_view, 3> names{"from", "to", "amount"};
    AccountId from, to;
    std::int32_t amount = 0;
    static auto fields(auto& self) { return std::tie(self.from, self.to, self.amount); }
};
struct Received {
    static constexpr std::string_view type = "bank.received.v1";
    static constexpr std::array<std::string_view, 4> names{"transfer", "from", "amount", "balance"};
    TransferId transfer;
    AccountId from;
    std::int32_t amount = 0, balance = 0;
    static auto fields(auto& self) { return std::tie(self.transfer, self.from, self.amount, self.balance); }
};
using AccountEvent = std::variant<Counted, Debited, Sent, Received>;

/// What a client asks for; who pays stands in the path.
struct Payment {
    static constexpr std::string_view type = "bank/http/payment.v1";
    static constexpr std::array<std::string_view, 3> names{"op", "to", "amount"};
    OpId op;
    AccountId to;
    std::int32_t amount = 0;
    static auto fields(auto& self) { return std::tie(self.op, self.to, self.amount); }
};

/// What a client is told of a decision: its events, and the account's version with the last of them.
struct Done {
    static constexpr std::array<std::string_view, 4> names{"version", "events", "value", "position"};
    std::int64_t version = 0;
    std::vector<Uuid> events;
    std::int32_t value = 0;  ///< count or balance, whichever it was about
    std::string position;
    static auto fields(auto& self) { return std::tie(self.version, self.events, self.value, self.position); }
};

struct Shown {
    static constexpr std::array<std::string_view, 3> names{"balance", "count", "version"};
    std::int32_t balance = 0, count = 0;
    std::int64_t version = 0;
    static auto fields(auto& self) { return std::tie(self.balance, self.count, self.version); }
};

template <class T>
concept Worded = requires(T& value) {
    T::fields(value);
};

namespace detail {

inline bool read(json::Reader& in, json::Value& value, std::int32_t& out) {
    return in.integer(value, out, {.min = -1'000'000'000, .max = 1'000'000'000});
}
template <class Tag>
bool read(json::Reader& in, json::Value& value, Strong<Uuid, Tag>& out) {
    return in.uuid(value, out.value);
}

template <class T, std::size_t... I>
bool read_named(json::Reader& in, json::Seen& seen, std::string_view name, json::Value& value, T& out,
                std::index_sequence<I...>) {
    bool known = false, good = false;
    const auto fields = T::fields(out);
    (void)((name == T::names[I] && (known = true, good = in.once(seen, I) && read(in, value, std::get<I>(fields)))) ||
           ...);
    return known ? good : in.stranger(seen, name, value);
}

}  // namespace detail

/// Every member must be there.
template <Worded T>
bool read_json(json::Reader& in, json::Value& value, T& out) {
    json::Seen seen;
    constexpr std::size_t count = T::names.size();
    const bool whole = in.each_field(value, [&](std::string_view name, json::Value& member) {
        return detail::read_named(in, seen, name, member, out, std::make_index_sequence<count>{});
    });
    return whole && in.require(seen, (std::uint64_t{1} << count) - 1, T::names);
}

template <Worded T>
void write_json(std::string& out, const T& value) {
    std::size_t number = 0;
    const auto put = [&](const auto& field) {
        out += number == 0 ? '{' : ',';
        json::write(out, T::names[number++]);
        out += ':';
        json::write(out, field);
    };
    std::apply([&](const auto&... field) { (put(field), ...); }, T::fields(value));
    out += '}';
}

}  // namespace kiroku::bank
