// infra/kiroku/main.cpp: the one executable; each verb that it lists stands in a file of its own.
#include "infra/kiroku/verb.hpp"

int main(int argc, char** argv) {
    static kiroku::runtime::Program program;  // to the very end of the process: see Program::run
    for (const auto add : {kiroku::add_up,      kiroku::add_gateway,  kiroku::add_decide, kiroku::add_project,
                           kiroku::add_react,   kiroku::add_migrate,  kiroku::add_topics, kiroku::add_catalogue,
                           kiroku::add_events,  kiroku::add_state,    kiroku::add_status, kiroku::add_verify,
                           kiroku::add_rebuild, kiroku::add_versions, kiroku::add_parked, kiroku::add_roles,
                           kiroku::add_as_of,   kiroku::add_what_if,  kiroku::add_export, kiroku::add_dictionary,
                           kiroku::add_audit,   kiroku::add_contract, kiroku::add_trace}) {
        add(program);
    }
    return static_cast<int>(program.run(argc, argv));
}
