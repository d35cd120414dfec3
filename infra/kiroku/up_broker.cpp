// infra/kiroku/up_broker.cpp: Kafka without its scripts: format once, then one Java process.
#include <fmt/format.h>

#include "infra/kiroku/up_servers.hpp"
#include "infra/runtime/exit.hpp"
#include "infra/runtime/probe.hpp"

namespace kiroku::up {
namespace {

namespace fs = std::filesystem;
using runtime::Exit;
using runtime::Failure;

constexpr std::chrono::seconds format_patience{60};
constexpr std::chrono::milliseconds answer_patience{500};
constexpr auto readable = fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read;

// A replica of each thing, few threads, small system topics: one machine of two cores. Topics are made by `kiroku
// topics` with settings of their own; min.insync.replicas is theirs too.
constexpr const char* properties = R"(process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=BROKER://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=BROKER://127.0.0.1:{broker}
controller.listener.names=CONTROLLER
inter.broker.listener.name=BROKER
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={log}
auto.create.topics.enable=false
default.replication.factor=1
unclean.leader.election.enable=false
num.network.threads=2
num.io.threads=4
background.threads=2
num.recovery.threads.per.data.dir=2
log.index.size.max.bytes=2097152
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
)";

constexpr const char* log_configuration = R"(status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{HH:mm:ss.SSS} %-5p %c{1} %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
)";

fs::path java_program() {
    for (const auto* place : {"/usr/lib/jvm/java-17-openjdk-amd64/bin/java",
                              "/usr/lib/jvm/java-17-openjdk-arm64/bin/java", "/usr/bin/java"}) {
        if (fs::exists(place)) return place;
    }
    throw Failure{Exit::config, "Java, which the Kafka broker needs, is not installed.",
                  "Run infra/local/install as root, or name a broker of your own with --kafka HOST:PORT."};
}

/// Kafka writes a cluster's id as 16 random bytes in base64url; hex digits are in that alphabet and 22 of them fit.
std::string new_cluster_id() { return random_hex(11); }

}  // namespace

BrokerServer::BrokerServer(const Home& home, fs::path jars, Ports ports)
    : home_{home}, jars_{std::move(jars)}, ports_{ports} {
    if (fs::exists(jars_)) return;
    throw Failure{Exit::config, fmt::format("The Kafka broker's jars are not in {}.", jars_.string()),
                  "Run infra/local/install, say where they are with --kafka-jars, or name a broker of your own with "
                  "--kafka HOST:PORT."};
}

std::string BrokerServer::address() const { return fmt::format("127.0.0.1:{}", ports_.broker); }

runtime::Command BrokerServer::java(const std::string& name, const std::vector<std::string>& words) const {
    runtime::Command command{.name = name, .words = {java_program()}};
    for (const auto& word : {std::string{"-Xms256m"}, std::string{"-Xmx512m"}, std::string{"-XX:+UseG1GC"},
                             std::string{"-XX:MaxGCPauseMillis=20"}, std::string{"-XX:+ExitOnOutOfMemoryError"},
                             std::string{"-XX:-UsePerfData"}, std::string{"-Djava.awt.headless=true"},
                             "-Dlog4j2.configurationFile=" + home_.at("kafka/log4j2.properties").string(),
                             std::string{"-cp"}, (jars_ / "*").string()}) {
        command.words.push_back(word);
    }
    command.words.insert(command.words.end(), words.begin(), words.end());
    return command;
}

void BrokerServer::write_configuration() const {
    fs::create_directories(home_.at("kafka"));
    home_.write("kafka/server.properties",
                fmt::format(fmt::runtime(properties), fmt::arg("broker", ports_.broker),
                            fmt::arg("controller", ports_.controller), fmt::arg("log", home_.at("kafka/log").string())),
                readable);
    home_.write("kafka/log4j2.properties", log_configuration, readable);
}

/// The file `cluster.id` is written last: without it, what stands there was never used.
void BrokerServer::format(runtime::Supervisor& supervisor) const {
    if (fs::exists(home_.at("kafka/cluster.id"))) return;
    fs::remove_all(home_.at("kafka/log"));
    const auto id = new_cluster_id();
    const auto status = supervisor.run(
        {java("broker", {"kafka.tools.StorageTool", "format", "-t", id, "-c", home_.at("kafka/server.properties")})},
        format_patience);
    if (status.front() != 0) {
        throw Failure{Exit::config,
                      fmt::format("Kafka's storage can't be formatted (it ended with {}).", status.front()),
                      "Its own lines above say why."};
    }
    home_.write("kafka/cluster.id", id + "\n", readable);
}

void BrokerServer::start(runtime::Supervisor& supervisor) const {
    write_configuration();
    format(supervisor);
    supervisor.keep(java("broker", {"kafka.Kafka", home_.at("kafka/server.properties")}), 0);
}

bool BrokerServer::answers() const {
    // ApiVersions v0, correlation id 1, no client id: any broker answers it.
    constexpr std::string_view request{"\0\0\0\x0a\0\x12\0\0\0\0\0\x01\xff\xff", 14};
    const auto answer = runtime::ask(ports_.broker, request, answer_patience);
    return answer && answer->size() > 8;
}

}  // namespace kiroku::up
