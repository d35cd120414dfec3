// infra/crypto/key_set.cpp: the server's own keys, kept in one folder and made there on the first start.
#include "infra/crypto/key_set.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>

#include "infra/crypto/base64url.hpp"
#include "infra/runtime/exit.hpp"

namespace kiroku::crypto {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t most_bytes = 16 * 1024;

[[noreturn]] void refuse(const fs::path& path, std::string_view problem) {
    throw runtime::Failure{runtime::Exit::config, fmt::format("The key file {} {}.", path.string(), problem),
                           "Keys are made once and must be kept: restore the file, make it readable for this user, or "
                           "point KIROKU_KEYS to "
                           "the folder that holds them."};
}

[[noreturn]] void refuse_errno(const fs::path& path, std::string_view doing) {
    refuse(path, fmt::format("can't be {} ({})", doing, std::strerror(errno)));
}

class File {
public:
    File(const fs::path& path, int flags) : fd_{::open(path.c_str(), flags | O_CLOEXEC, 0600)} {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (fd_ >= 0) ::close(fd_);
    }

    [[nodiscard]] int fd() const { return fd_; }

private:
    int fd_;
};

std::string read_all(const fs::path& path) {
    const File file{path, O_RDONLY};
    if (file.fd() < 0) refuse_errno(path, "opened");
    std::string text(most_bytes, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const auto got = ::read(file.fd(), text.data() + size, text.size() - size);
        if (got < 0) refuse_errno(path, "read");
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    text.resize(size);
    return text;
}

/// Whole or not at all, and never over what is there: a name is given to the finished file, which fails if it is taken.
void create(const fs::path& path, const std::string& text) {
    const fs::path draft = fmt::format("{}.{}.new", path.string(), to_string(random_uuid_v7()));
    {
        const File file{draft, O_WRONLY | O_CREAT | O_EXCL};
        if (file.fd() < 0) refuse_errno(draft, "made");
        if (::write(file.fd(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
            ::fsync(file.fd()) != 0) {
            ::unlink(draft.c_str());
            refuse_errno(draft, "written");
        }
    }
    const int linked = ::link(draft.c_str(), path.c_str());
    const int error = errno;
    ::unlink(draft.c_str());
    errno = error;
    if (linked != 0 && error != EEXIST) refuse_errno(path, "made");
}

std::string read_or_create(const fs::path& path, const std::function<std::string()>& make) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        if (errno != ENOENT) refuse_errno(path, "opened");
        create(path, make());
    }
    return read_all(path);
}

Secret secret_in(const fs::path& folder, const char* name) {
    const fs::path path = folder / name;
    std::string text = read_or_create(path, [] { return base64url(Secret::random().bytes()) + "\n"; });
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    const auto bytes = from_base64url(text);
    const auto secret = bytes ? Secret::from_bytes(*bytes) : std::nullopt;
    if (!secret) refuse(path, "doesn't hold 32 bytes in base64url");
    return *secret;
}

SigningKey signing_key_in(const fs::path& path) {
    auto key = SigningKey::from_pem(read_or_create(path, [] { return SigningKey::generate().pem(); }));
    if (!key) refuse(path, "doesn't hold a P-256 private key in PEM");
    return std::move(*key);
}

/// NAME.pem, which is made if it is missing, then the others of that kind, NAME*.pem.
std::vector<SigningKey> signing_keys_in(const fs::path& folder, const std::string& kind) {
    std::vector<SigningKey> keys;
    keys.push_back(signing_key_in(folder / (kind + ".pem")));
    std::vector<fs::path> others;
    for (const auto& entry : fs::directory_iterator{folder}) {
        const std::string name = entry.path().filename();
        if (name.starts_with(kind) && name.ends_with(".pem") && name != kind + ".pem") others.push_back(entry.path());
    }
    std::ranges::sort(others);
    for (const auto& path : others) keys.push_back(signing_key_in(path));
    return keys;
}

std::vector<SigningKey> one_signing_key() {
    std::vector<SigningKey> keys;
    keys.push_back(SigningKey::generate());
    return keys;
}

void make_folder(const fs::path& folder) {
    std::error_code failed;
    if (fs::is_directory(folder, failed)) return;
    fs::create_directories(folder, failed);
    if (!failed) fs::permissions(folder, fs::perms::owner_all, failed);
    if (!failed) return;
    throw runtime::Failure{
        runtime::Exit::config,
        fmt::format("The folder for keys, {}, can't be made ({}).", folder.string(), failed.message()),
        "Make it yourself, or point KIROKU_KEYS to a folder that this user may write to."};
}

}  // namespace

KeySet::KeySet(std::vector<SigningKey> signing, std::vector<SigningKey> audit, Secret credentials, Secret addresses,
               Secret refresh, Secret requests)
    : signing_{std::move(signing)},
      audit_{std::move(audit)},
      credentials_{credentials},
      addresses_{addresses},
      refresh_{refresh},
      requests_{requests} {}

KeySet KeySet::load(const fs::path& folder) {
    make_folder(folder);
    return KeySet{signing_keys_in(folder, "signing"),   signing_keys_in(folder, "audit"),
                  secret_in(folder, "credentials.key"), secret_in(folder, "addresses.key"),
                  secret_in(folder, "refresh.key"),     secret_in(folder, "requests.key")};
}

KeySet KeySet::random() {
    return KeySet{one_signing_key(), one_signing_key(), Secret::random(),
                  Secret::random(),  Secret::random(),  Secret::random()};
}

std::string KeySet::public_jwks() const {
    std::string keys;
    for (const auto& key : signing_) keys += (keys.empty() ? "" : ",") + key.public_jwk();
    return fmt::format(R"({{"keys":[{}]}})", keys);
}

}  // namespace kiroku::crypto
