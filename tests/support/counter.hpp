// tests/support/counter.hpp: the smallest aggregate that can go wrong, in a context of its own for each test.
#pragma once

#include <string>

#include "commands/decider/aggregate.hpp"
#include "infra/log/command.hpp"

namespace kiroku::test {

/// A context (of an unused name) with an aggregate `counter`: adding n (not 0) records one event for each of |n| steps,
/// a counter never falls below 0, and adding 0 does nothing; and a `mirror` which is the same with events of another
/// type.
commands::Context counter_context();
commands::Context counter_context(const std::string& name);

/// Makes the context's topics with so many partitions.
void make_topics(const std::string& bootstrap, const std::string& context, int partitions);

log::CommandRecord add(const std::string& context, const Uuid& counter, int amount, CommandId intent);

/// What the events of a counter add up to.
int total_of(std::string_view data);

}  // namespace kiroku::test
