// infra/kiroku/audit.cpp: kiroku audit: proves a whole log, and signs it.
#include "infra/audit/audit.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "infra/crypto/key_set.hpp"
#include "infra/kiroku/failures.hpp"
#include "infra/kiroku/parts.hpp"
#include "infra/kiroku/progress.hpp"
#include "infra/kiroku/verb.hpp"
#include "schemas/core/json_writer.hpp"

namespace kiroku {
namespace {

using audit::PartitionAudit;
using runtime::Exit;

struct AuditSettings {
    runtime::Broker broker;
    runtime::Folders folders;
    std::vector<std::string> contexts;
    bool sign = false;
    bool json = false;
};

void declare(runtime::Options& options, AuditSettings& settings) {
    runtime::declare(options, settings.broker);
    runtime::declare(options, settings.folders);
    options.words("context", settings.contexts, "whose log; all contexts if none is named")
        ->check(CLI::IsMember(context_names()));
    options.flag("sign", settings.sign,
                 "if nothing is found, sign how the log stands now (topic `audit`, key audit.pem)");
    options.flag("json", settings.json, "as JSON, an array with an object for each partition");
}

constexpr const char* manual =
    R"(Reads every record of the log from the first to its present end, and holds it against what its writers promise: no record
missing or unreadable, commands decided once and in their order, decisions whole, aggregates' versions without a hole. A
hash chain over all records is compared with what earlier audits have signed, so that a history that was rewritten or cut
off is found. The system may run on meanwhile. Ends with 1 if anything is found.

Who can write to the topic `audit` but hasn't the key can take signatures away, not make them: keep the chains that this
prints elsewhere, too. A decision takes about 100 bytes of memory.

Examples:
  kiroku audit
  kiroku audit gamification --sign --json
)";

std::string as_text(const PartitionAudit& one) {
    const auto counts = one.counts();
    auto text = fmt::format("{:<16} {:>9} records {:>9} events {:>6} void  {}  chain {}\n",
                            fmt::format("{}/{}", one.partition().context, one.partition().number), counts.records,
                            counts.events, counts.void_records,
                            counts.findings == 0 ? "sound" : fmt::format("{} FINDINGS", counts.findings), one.chain());
    for (const auto& [offset, what] : one.findings()) text += fmt::format("  at {}: {}\n", offset.value, what);
    if (counts.findings > one.findings().size())
        text += fmt::format("  and {} more\n", counts.findings - one.findings().size());
    return text;
}

std::string as_json(const PartitionAudit& one) {
    const auto counts = one.counts();
    std::string findings;
    for (const auto& [offset, what] : one.findings()) {
        findings += fmt::format(R"({}{{"offset":{},"what":)", findings.empty() ? "" : ",", offset.value);
        json::write(findings, what);
        findings += '}';
    }
    return fmt::format(
        R"({{"context":"{}","partition":{},"next":{},"records":{},"decisions":{},"events":{},"fences":{},"voidRecords":{},)"
        R"("chain":"{}","found":{},"findings":[{}]}})",
        one.partition().context, one.partition().number, one.next().value, counts.records, counts.decisions,
        counts.events, counts.fences, counts.void_records, one.chain(), counts.findings, findings);
}

void print(const AuditSettings& settings, const std::vector<PartitionAudit>& audits) {
    std::string out = settings.json ? "[" : "";
    for (const auto& one : audits) {
        if (settings.json && out.size() > 1) out += ',';
        out += settings.json ? as_json(one) : as_text(one);
    }
    if (settings.json) out += "]\n";
    std::fputs(out.c_str(), stdout);
}

Exit run(const AuditSettings& settings, runtime::Shutdown& shutdown) {
    runtime::check_given(settings.broker);
    return with_remedies([&] {
        const auto keys = crypto::KeySet::load(settings.folders.keys_folder());
        auto contexts = settings.contexts;
        if (contexts.empty()) {
            for (const auto name : context_names()) contexts.emplace_back(name);
        }
        Progress progress{"audit", "records"};
        const auto audits = audit::audit({settings.broker.kafka, contexts, keys.verifying_audits(),
                                          [&](const auto& so_far) {
                                              progress.show({{"", so_far.done, so_far.all}});
                                          }},
                                         shutdown.token());
        progress.end();
        if (audits.empty()) return Exit::ok;  // it was stopped
        print(settings, audits);
        const bool sound = std::ranges::all_of(audits, [](const auto& one) { return one.counts().findings == 0; });
        if (!sound) return Exit::check_failed;
        if (settings.sign) {
            audit::sign(settings.broker.kafka, audits, keys.audit(),
                        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
        }
        return Exit::ok;
    });
}

}  // namespace

void add_audit(runtime::Program& program) {
    program.verb<AuditSettings>({"audit", "proves that the log is sound, and signs it", manual}, declare, run);
}

}  // namespace kiroku
