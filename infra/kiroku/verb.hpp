// infra/kiroku/verb.hpp: the verbs of `kiroku`, each in the file of its name.
#pragma once

#include "infra/runtime/program.hpp"
#include "infra/runtime/settings.hpp"

namespace kiroku {

void add_up(runtime::Program&);
void add_gateway(runtime::Program&);
void add_decide(runtime::Program&);
void add_project(runtime::Program&);
void add_react(runtime::Program&);
void add_migrate(runtime::Program&);
void add_topics(runtime::Program&);
void add_catalogue(runtime::Program&);
void add_events(runtime::Program&);
void add_state(runtime::Program&);
void add_trace(runtime::Program&);
void add_status(runtime::Program&);
void add_verify(runtime::Program&);
void add_rebuild(runtime::Program&);
void add_versions(runtime::Program&);
void add_parked(runtime::Program&);
void add_roles(runtime::Program&);
void add_as_of(runtime::Program&);
void add_what_if(runtime::Program&);
void add_export(runtime::Program&);
void add_dictionary(runtime::Program&);
void add_audit(runtime::Program&);
void add_contract(runtime::Program&);

}  // namespace kiroku
