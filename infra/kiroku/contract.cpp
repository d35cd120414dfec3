// infra/kiroku/contract.cpp: kiroku contract: what is promised to whoever builds on Kiroku, without a running system.
#include <cstdio>

#include "gateway/contract/event_catalogue.hpp"
#include "infra/kiroku/contract_of.hpp"
#include "infra/kiroku/verb.hpp"

namespace kiroku {
namespace {

using runtime::Exit;

struct ContractSettings {
    std::vector<std::string> documents;
};

void declare(runtime::Options& options, ContractSettings& settings) {
    options
        .words("document", settings.documents, "openapi: HTTP; asyncapi: WebSocket and Kafka; events: the catalogue")
        ->required()
        ->expected(1)
        ->check(CLI::IsMember({"openapi", "asyncapi", "events"}).description("openapi|asyncapi|events"));
}

constexpr const char* manual =
    R"(Prints what a gateway serves at /openapi.json (OpenAPI 3.1) and /asyncapi.json (AsyncAPI 3.0), or the catalogue of events as
Markdown: each event's meaning, versions, members, who writes it and who reads it. All of it follows from schemas/, the routing table,
the read models and the policies, and asks no server. /docs and /catalogue show the same to people.

Examples:
  kiroku contract openapi > openapi.json
  kiroku contract asyncapi | jq '.channels | keys'
  kiroku contract events > events.md
)";

std::string text_of(const std::string& document, const gateway::Router& router) {
    if (document == "events") return with_parts(router, gateway::contract::catalogue_as_markdown);
    const auto contract = contract_of(router);
    return (document == "openapi" ? contract.openapi.text : contract.asyncapi.text) + "\n";
}

Exit run(const ContractSettings& settings, runtime::Shutdown&) {
    gateway::Router router;
    add_routes(router);
    std::fputs(text_of(settings.documents.front(), router).c_str(), stdout);
    return Exit::ok;
}

}  // namespace

void add_contract(runtime::Program& program) {
    program.verb<ContractSettings>({"contract", "prints the API's and the events' description", manual}, declare, run);
}

}  // namespace kiroku
