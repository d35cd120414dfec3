// infra/kiroku/up_home.hpp: the folder of a whole running system: who holds it, its secrets, what an earlier run left.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "infra/runtime/child.hpp"

namespace kiroku::up {

/// DATA, held by one `kiroku up` at a time; released when the process ends, however it ends.
class Home {
public:
    static constexpr std::uintmax_t least_room = 1ULL << 30;  ///< bytes that must be free to begin

    /// Makes the folder if need be and takes it. Throws Failure(config) if it can't be written, if the disk is full, or
    /// if another `kiroku up` holds it.
    explicit Home(const std::filesystem::path&);
    ~Home();
    Home(const Home&) = delete;
    Home& operator=(const Home&) = delete;

    /// A place in it, as an absolute path.
    std::filesystem::path at(const std::string& name) const { return path_ / name; }

    /// Ends what a killed run left running, so that two servers never write to the same files.
    void end_leftovers() const;

    /// Remembers a process, for `end_leftovers` of a later run.
    void note(const runtime::Command&, int pid) const;

    /// 32 random hex digits, made when first asked for, readable by this account only.
    std::string secret(const std::string& name) const;

    /// Whether that is the address of a server that an earlier run here started itself: a shell that has sourced
    /// DATA/env still names it, and means "the one in DATA".
    bool is_own(const std::string& address) const;
    void note_own(const std::string& addresses) const;

    /// Replaces a file as a whole, so that nobody ever reads half of it.
    void write(const std::string& name, std::string_view text, std::filesystem::perms) const;

private:
    std::filesystem::path path_;
    int lock_ = -1;
};

/// The whole file; empty if there is none.
std::string read_file(const std::filesystem::path&);

/// Random bytes as hex digits.
std::string random_hex(std::size_t bytes);

}  // namespace kiroku::up
