// infra/kiroku/failures.hpp: what the servers' errors mean to the person who typed a verb.
#pragma once

#include <functional>

#include "infra/runtime/exit.hpp"

namespace kiroku {

/// Runs `work`; errors of the broker, of the log and of the local store leave as a Failure with a remedy.
runtime::Exit with_remedies(const std::function<runtime::Exit()>& work);

/// A name that this process has again after a restart, and no other process has: for the broker's static membership.
std::string instance_name(const std::string& verb, const std::string& folder);

}  // namespace kiroku
