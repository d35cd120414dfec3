// infra/crypto/key_set.hpp: the server's own keys, kept in one folder and made there on the first start.
//
//   signing.pem       signs access tokens (ES256). Any other signing*.pem only verifies: to change keys, put the new
//   one
//                     beside it under such a name, restart all gateways, then swap the names and restart again.
//   audit.pem         signs how the log stood at an audit; other audit*.pem only verify. Losing it leaves what it
//   signed
//                     without proof.
//   credentials.key   seals password hashes in the log. Losing it locks everybody out.
//   addresses.key     names e-mail addresses in the log. Losing it lets each of them be registered again.
//   refresh.key       makes refresh tokens. Losing it ends all sessions.
//   requests.key      hashes request bodies and signs cursors. Losing it makes retried requests look changed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "infra/crypto/secret.hpp"
#include "infra/crypto/signing_key.hpp"

namespace kiroku::crypto {

/// Immutable once loaded; any thread may use it.
class KeySet {
public:
    /// Reads the folder; makes what is missing (folder 0700, files 0600). Two processes that start at once end with the
    /// same keys. Throws runtime::Failure (config) for what can't be read, written or understood.
    static KeySet load(const std::filesystem::path& folder);

    /// Keys that are kept nowhere.
    static KeySet random();

    [[nodiscard]] const SigningKey& signing() const { return signing_.front(); }
    /// All that verify, the one that signs first.
    [[nodiscard]] const std::vector<SigningKey>& verifying() const { return signing_; }

    [[nodiscard]] const SigningKey& audit() const { return audit_.front(); }
    [[nodiscard]] const std::vector<SigningKey>& verifying_audits() const { return audit_; }

    [[nodiscard]] const Secret& credentials() const { return credentials_; }
    [[nodiscard]] const Secret& addresses() const { return addresses_; }
    [[nodiscard]] const Secret& refresh() const { return refresh_; }
    [[nodiscard]] const Secret& requests() const { return requests_; }

    /// The public halves, as `/.well-known/jwks.json` answers them.
    [[nodiscard]] std::string public_jwks() const;

private:
    KeySet(std::vector<SigningKey> signing, std::vector<SigningKey> audit, Secret credentials, Secret addresses,
           Secret refresh, Secret requests);

    std::vector<SigningKey> signing_, audit_;
    Secret credentials_, addresses_, refresh_, requests_;
};

}  // namespace kiroku::crypto
