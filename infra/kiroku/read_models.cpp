#include "infra/kiroku/read_models.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "infra/kiroku/failures.hpp"
#include "infra/kiroku/parts.hpp"
#include "projections/engine/log_probe.hpp"
#include "projections/engine/memory_fold.hpp"
#include "projections/engine/migrate.hpp"
#include "projections/engine/projector.hpp"
#include "projections/engine/rebuild.hpp"

namespace kiroku {

using runtime::Exit;
using runtime::Failure;

std::vector<projections::ReadModel> read_models_named(const std::vector<std::string>& names) {
    const auto all = kiroku::read_models();
    if (names.empty()) return all;
    std::vector<projections::ReadModel> chosen;
    for (const auto& name : names) {
        const auto found = std::ranges::find(all, name, &projections::ReadModel::name);
        if (found == all.end()) {
            std::vector<std::string> known;
            for (const auto& model : all) known.push_back(model.name);
            throw Failure(Exit::usage, fmt::format("There is no read model {}.", name),
                          fmt::format("There are {}.", fmt::join(known, ", ")));
        }
        if (std::ranges::find(chosen, name, &projections::ReadModel::name) == chosen.end()) chosen.push_back(*found);
    }
    return chosen;
}

postgres::Session session_of(const runtime::Database& database) {
    postgres::Session session;
    session.server = database.postgres;
    return session;
}

Exit with_database_remedies(const std::function<Exit()>& work) {
    try {
        return with_remedies(work);
    } catch (const postgres::ConnectionLost& error) {
        throw Failure(Exit::database_unreachable, fmt::format("PostgreSQL: {}.", error.what()),
                      "Check --postgres (KIROKU_POSTGRES) and that the server runs.");
    } catch (const postgres::SchemaMissing& error) {
        throw Failure(Exit::config, fmt::format("PostgreSQL: {}.", error.what()), "Run `kiroku migrate`.");
    } catch (const projections::ShapeDiffers& error) {
        throw Failure(Exit::config, fmt::format("{}.", error.what()),
                      "`kiroku rebuild --outdated` makes it anew beside the live one and switches to it; `kiroku "
                      "migrate --recreate READ-MODEL` drops its tables first.");
    } catch (const postgres::DatabaseError& error) {
        throw Failure(Exit::database_unreachable, fmt::format("PostgreSQL refuses: {}.", error.what()), "");
    } catch (const projections::LogMismatch& error) {
        throw Failure(Exit::data_refused, fmt::format("{}.", error.what()),
                      "Nothing was changed. If this log is the right one, `kiroku migrate --recreate READ-MODEL` "
                      "projects it anew.");
    } catch (const projections::VersionRefused& error) {
        throw Failure(Exit::config, fmt::format("{}.", error.what()), "`kiroku versions list` shows how they stand.");
    } catch (const projections::NotVerified& error) {
        throw Failure(Exit::check_failed, fmt::format("{}.", error.what()),
                      "It was not put in the place of the live one. `kiroku rebuild --anew` makes it again.");
    } catch (const projections::KeysParked& error) {
        throw Failure(Exit::check_failed, fmt::format("{}.", error.what()),
                      "It was not put in the place of the live one. Mend the code and rebuild --anew, or --force it.");
    } catch (const projections::VersionGap& error) {
        throw Failure(Exit::data_refused, fmt::format("The log has a hole: {}.", error.what()), "");
    } catch (const projections::Indigestible& error) {
        throw Failure(Exit::data_refused, fmt::format("An event can't be read: {}.", error.what()), "");
    }
}

}  // namespace kiroku
