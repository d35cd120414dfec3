// infra/runtime/settings.hpp: the groups of options that several verbs share.
#pragma once

#include <filesystem>
#include <string>

#include "infra/runtime/options.hpp"

namespace kiroku::runtime {

/// Where the event log is.
struct Broker {
    std::string kafka;  ///< "host:port[,host:port…]"; never empty once checked
};

/// Where the read models are.
struct Database {
    std::string postgres;  ///< a libpq connection string or URI; the password is in its passfile, not in it
};

/// What is kept on this machine.
struct Folders {
    std::filesystem::path data{".kiroku"};
    std::filesystem::path keys;   ///< empty: DATA/keys
    std::filesystem::path state;  ///< empty: DATA/state

    std::filesystem::path keys_folder() const { return keys.empty() ? data / "keys" : keys; }
    std::filesystem::path state_folder() const { return state.empty() ? data / "state" : state; }
};

void declare(Options&, Broker&);
void declare(Options&, Database&);
void declare(Options&, Folders&);

/// Each throws Failure(config), with what to do, if nothing was given.
void check_given(const Broker&);
void check_given(const Database&);

}  // namespace kiroku::runtime
