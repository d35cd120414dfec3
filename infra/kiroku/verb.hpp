// infra/kiroku/verb.hpp: the verbs of `kiroku`, each in the file of its name.
#pragma once

#include "infra/runtime/program.hpp"
#include "infra/runtime/settings.hpp"

namespace kiroku {

[[gnu::weak]] void add_up(runtime::Program&);
[[gnu::weak]] void add_gateway(runtime::Program&);
[[gnu::weak]] void add_decide(runtime::Program&);
[[gnu::weak]] void add_project(runtime::Program&);
[[gnu::weak]] void add_react(runtime::Program&);
[[gnu::weak]] void add_migrate(runtime::Program&);
[[gnu::weak]] void add_topics(runtime::Program&);
[[gnu::weak]] void add_catalogue(runtime::Program&);
[[gnu::weak]] void add_events(runtime::Program&);
[[gnu::weak]] void add_status(runtime::Program&);
[[gnu::weak]] void add_verify(runtime::Program&);

}  // namespace kiroku
