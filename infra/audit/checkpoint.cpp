#include "infra/audit/checkpoint.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "infra/crypto/base64url.hpp"
#include "infra/log/json_line.hpp"

namespace kiroku::audit {
namespace {

/// What is signed. Its first line keeps it apart from all else that a key may sign.
std::string signed_text(const Checkpoint& checkpoint) {
    return fmt::format("kiroku audit checkpoint 1\n{}/{}\n{}\n{}\n{}", checkpoint.partition.context,
                       checkpoint.partition.number, checkpoint.next.value, checkpoint.chain, to_string(checkpoint.at));
}

}  // namespace

std::string write_checkpoint(const Checkpoint& checkpoint, const crypto::SigningKey& key) {
    std::string out = R"({"version":"1")";
    log::attribute(out, "context", checkpoint.partition.context);
    log::attribute(out, "partition", checkpoint.partition.number);
    log::attribute(out, "next", checkpoint.next.value);
    log::attribute(out, "chain", checkpoint.chain);
    log::attribute(out, "at", to_string(checkpoint.at));
    log::attribute(out, "key", key.id());
    log::attribute(out, "signature", crypto::base64url(key.sign(signed_text(checkpoint))));
    return out + '}';
}

std::expected<Checkpoint, std::string> read_checkpoint(std::string_view json,
                                                       std::span<const crypto::SigningKey> keys) {
    const auto attributes = log::attributes_of(json);
    if (!attributes) return std::unexpected("it is no checkpoint: " + attributes.error());
    const auto named = [&](std::string_view name) {
        const auto found = std::ranges::find(*attributes, name, &log::Attribute::name);
        return found == attributes->end() ? std::string_view{} : found->value;
    };
    Checkpoint checkpoint;
    checkpoint.partition.context = named("context");
    checkpoint.chain = named("chain");
    const auto at = parse_instant(named("at"));
    if (!log::read_number(named("partition"), checkpoint.partition.number) ||
        !log::read_number(named("next"), checkpoint.next.value) || !at) {
        return std::unexpected("it is no checkpoint");
    }
    checkpoint.at = *at;
    const auto key = std::ranges::find(keys, named("key"), &crypto::SigningKey::id);
    if (key == keys.end()) return std::unexpected("it is signed by a key that isn't here");
    const auto signature = crypto::from_base64url(named("signature"));
    if (!signature || !key->verify(signed_text(checkpoint), *signature))
        return std::unexpected("its signature is wrong");
    return checkpoint;
}

}  // namespace kiroku::audit
