// infra/kiroku/catalogue.cpp: kiroku catalogue: loads the challenges that a new installation begins with.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "commands/client/command_client.hpp"
#include "commands/client/command_record.hpp"
#include "commands/embedded.hpp"
#include "infra/kiroku/failures.hpp"
#include "infra/kiroku/verb.hpp"
#include "schemas/challenges/codec.hpp"

namespace kiroku {
namespace {

using runtime::Exit;
using runtime::Failure;

constexpr std::chrono::seconds patience{20};

struct CatalogueSettings {
    runtime::Broker broker;
    std::filesystem::path file;
};

void declare(runtime::Options& options, CatalogueSettings& settings) {
    runtime::declare(options, settings.broker);
    options.add("file", settings.file, "challenges to load; Kiroku's own if not given");
}

constexpr const char* manual =
    R"(Sends a create_challenge command for each challenge of the catalogue; needs a running `kiroku decide`. Ids are fixed, so
loading it twice adds nothing.

Examples:
  kiroku catalogue
  kiroku catalogue --file academy.json      see schemas/challenges/catalogue.v1.json
)";

challenges::StarterCatalogue read(const std::filesystem::path& file) {
    std::string text{embedded::starter_catalogue};
    if (!file.empty()) {
        std::ostringstream read;
        if (std::ifstream in{file}; !(read << in.rdbuf()))
            throw Failure(Exit::config, fmt::format("{} can't be read.", file.string()), "");
        text = read.str();
    }
    auto catalogue = json::decode<challenges::StarterCatalogue>(text);
    if (catalogue) return *catalogue;
    throw Failure(Exit::config, fmt::format("The catalogue: {} {}.", catalogue.error().path, catalogue.error().problem),
                  "See schemas/challenges/catalogue.v1.json.");
}

log::CommandRecord create(const challenges::StarterChallenge& starter) {
    auto record = commands::command_record(starter.id.value, starter.challenge);
    record.command = CommandId{uuid_v5(starter.id.value, "catalogue\n" + record.data)};
    record.hash = to_string(uuid_v5(starter.id.value, record.data));
    record.correlation = to_string(random_uuid_v7());
    record.actor = "operator/catalogue";
    return record;
}

Exit run(const CatalogueSettings& settings, runtime::Shutdown& shutdown) {
    runtime::check_given(settings.broker);
    const auto catalogue = read(settings.file);
    return with_remedies([&] {
        commands::CommandClient client{
            {.bootstrap = settings.broker.kafka, .name = fmt::format("catalogue-{}", to_string(random_uuid_v7()))}};
        int made = 0;
        for (const auto& starter : catalogue.challenges) {
            if (shutdown.requested()) return Exit::check_failed;
            const auto answer = client.send_and_wait(create(starter), patience);
            if (answer.outcome != commands::Answer::Outcome::decided) {
                throw Failure(Exit::broker_unreachable, "No decider answered.",
                              "Start `kiroku decide`, then try again.");
            }
            if (!answer.reply.accepted()) {
                throw Failure(Exit::check_failed,
                              fmt::format("{} was refused: {} {}.", to_string(starter.id), answer.reply.refusal,
                                          answer.reply.detail),
                              "");
            }
            made += !answer.reply.replayed && !answer.reply.events.empty();
        }
        std::fputs(
            fmt::format("{} challenges in the catalogue, {} of them new\n", catalogue.challenges.size(), made).c_str(),
            stdout);
        return Exit::ok;
    });
}

}  // namespace

void add_catalogue(runtime::Program& program) {
    program.verb<CatalogueSettings>({"catalogue", "loads the starter catalogue of challenges", manual}, declare, run);
}

}  // namespace kiroku
