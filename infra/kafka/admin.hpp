// infra/kafka/admin.hpp: makes topics and checks that those there are can be trusted with what Kiroku puts into them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "infra/kafka/record.hpp"

namespace kiroku::kafka {

/// A topic as it should be. Settings are Kafka's own names and values.
struct TopicPlan {
    std::string name;
    int partitions = 1;
    std::map<std::string, std::string> settings;
};

class Admin {
public:
    explicit Admin(const std::string& bootstrap);
    ~Admin();

    /// Waits for a broker up to `timeout_ms`; returns how many there are. Throws BrokerError.
    int brokers(int timeout_ms);

    /// True: made now. False: there was one of that name. Throws BrokerError.
    bool create(const TopicPlan& plan, int replicas);

    /// Gives a topic that is there these settings; its others stay. Throws BrokerError.
    void change(const std::string& name, const std::map<std::string, std::string>& settings);

    /// How many partitions the topic has and what its settings are. Throws BrokerError if there is none.
    struct Topic {
        int partitions = 0;
        std::map<std::string, std::string> settings;
        std::map<std::string, std::string> own_settings;  ///< those of them that aren't the brokers' defaults
    };
    Topic describe(const std::string& name);

private:
    struct Handle;
    std::unique_ptr<Handle> handle_;
};

}  // namespace kiroku::kafka
