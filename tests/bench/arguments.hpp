// tests/bench/arguments.hpp: what the driver tells a measuring program: `--name value`, again for a list.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace kiroku::bench {

class Arguments {
public:
    Arguments(int argc, char** argv) : words_(argv + 1, argv + argc) {
        if (words_.size() % 2 != 0) throw std::invalid_argument("every --name wants a value");
    }

    [[nodiscard]] std::vector<std::string> all(const std::string& name) const {
        std::vector<std::string> values;
        for (std::size_t at = 0; at < words_.size(); at += 2) {
            if (words_[at] == "--" + name) values.push_back(words_[at + 1]);
        }
        return values;
    }
    [[nodiscard]] std::string text(const std::string& name, const std::string& otherwise) const {
        const auto given = all(name);
        return given.empty() ? otherwise : given.back();
    }
    [[nodiscard]] std::string text(const std::string& name) const {
        const auto given = all(name);
        if (given.empty()) throw std::invalid_argument("--" + name + " is missing");
        return given.back();
    }
    [[nodiscard]] double number(const std::string& name, double otherwise) const {
        const auto given = all(name);
        return given.empty() ? otherwise : std::stod(given.back());
    }
    [[nodiscard]] int count(const std::string& name, int otherwise) const {
        return static_cast<int>(number(name, otherwise));
    }

    /// The lines of the file that `name` names.
    [[nodiscard]] std::vector<std::string> lines(const std::string& name) const {
        std::ifstream file{text(name)};
        std::vector<std::string> found;
        for (std::string line; std::getline(file, line);) found.push_back(line);
        if (found.empty()) throw std::invalid_argument(text(name) + " has no lines");
        return found;
    }

private:
    std::vector<std::string> words_;
};

/// A measuring program's `main`: prints what `measure` returns; an error goes to standard error and gives exit code 1.
inline int measure_and_print(int argc, char** argv, const std::function<std::string(const Arguments&)>& measure) {
    try {
        std::puts(measure(Arguments{argc, argv}).c_str());
        return EXIT_SUCCESS;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
        return EXIT_FAILURE;
    }
}

}  // namespace kiroku::bench
