// tests/support/xapi_rules.hpp: what xAPI 1.0.3 asks of a statement, as far as ours use it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kiroku::test {

/// What is wrong with it, each with where; empty: nothing. Members that the rules don't know are wrong, too.
std::vector<std::string> faults_of_statement(std::string_view json);

}  // namespace kiroku::test
