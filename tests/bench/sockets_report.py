# tests/bench/sockets_report.py: WebSockets and reads that repeat, as tables, and what is to be reached by them.
from tables import at, ratio, table

TARGETS = (
    ("GET of the leaderboard, 64 connections: rate / nginx's of a file of the same size", "boardToNginx", 0.4, False),
    ("GET /me/progress with If-None-Match, 64 connections: rate / nginx's", "unchangedToNginx", 0.4, False),
    ("5,000 WebSockets: seconds until all listen", "socketsConnect", 5.0, True),
    ("an idle WebSocket: KiB of the gateway's memory", "socketKiB", 12.0, True),
    ("20 broadcasts/s to 2,000: p99 / nchan's", "broadcastToNchan2000", 1.0, True),
    ("20 broadcasts/s to 5,000: p99 / nchan's", "broadcastToNchan5000", 1.0, True),
    ("20 personal pushes/s to each of 1,000: p99, ms", "personalP99", 20.0, True),
    ("commands beside 20,000 idle WebSockets, 64 in flight: p99 / without them", "crowdedP99", 1.25, True),
)


def reached(results):
    sockets, cacheable, crowded = (results.get(name) for name in ("sockets", "cacheable", "crowded"))

    def to_nginx(name):
        return ratio(at(cacheable, name, "rate"), at(cacheable, "nginx", "rate"))

    def to_nchan(clients):
        return ratio(at(sockets, "broadcast", clients, "p99"), at(sockets, "nchan", clients, "p99"))

    return {"boardToNginx": to_nginx("leaderboard"), "unchangedToNginx": to_nginx("progressUnchanged"),
            "socketsConnect": at(sockets, "idle", "connectSeconds"), "socketKiB": ratio(at(sockets, "idle", "bytesEach"), 1024),
            "broadcastToNchan2000": to_nchan(2_000), "broadcastToNchan5000": to_nchan(5_000), "personalP99": at(sockets, "personal", "p99"),
            "crowdedP99": ratio(at(crowded, "beside", "p99"), at(crowded, "alone", "p99"))}


def troubles(results):
    found = results.get("sockets") or {}
    told = [("broadcasts to", clients, figures) for clients, figures in (found.get("broadcast") or {}).items()]
    if "personal" in found:
        told.append(("pushes to", found["personal"]["clients"], found["personal"]))
    for what, clients, figures in told:
        if figures["missing"]:
            yield f"{figures['missing']} of {figures['missing'] + figures['count']} {what} {clients:,} WebSockets never came"


def text(results):
    found = results["sockets"]
    rows = []
    for server, by_clients in (("Kiroku, from the award's append", found["broadcast"]), ("nchan, from the POST", found.get("nchan") or {})):
        rows += [[f"20 broadcasts/s to {clients:,}: {server}", one["rate"], one["p50"], one["p99"], one["worst"], one.get("gatewayCpu")]
                 for clients, one in by_clients.items()]
    one = found["personal"]
    rows.append([f"20 pushes/s to each of {one['clients']:,}, from the append", one["rate"], one["p50"], one["p99"], one["worst"], one["gatewayCpu"]])
    idle = found["idle"]
    return (table(["WebSockets (ms)", "messages/s", "p50", "p99", "worst", "gateway's CPU s"], rows) +
            f"\n\n{idle['clients']:,} connected and listening in {idle['connectSeconds']:.2f} s, {idle['bytesEach'] / 1024:.1f} KiB each")


NAMES = {"leaderboard": "GET /leaderboards/global", "leaderboardUnchanged": "the same with If-None-Match",
         "progressUnchanged": "GET /me/progress with If-None-Match, one learner", "nginx": "nginx: a file of the leaderboard's size"}


def cacheable_text(results):
    found = results["cacheable"]
    return table(["reads that repeat, 64 connections (ms)", "rate/s", "/ nginx", "p50", "p99"],
                 [[name, found[key]["rate"], ratio(found[key]["rate"], at(found, "nginx", "rate")), found[key]["p50"], found[key]["p99"]]
                  for key, name in NAMES.items() if key in found])


def crowded_text(results):
    found = results["crowded"]
    return table(["commands, 64 in flight (ms)", "rate/s", "p50", "p99"],
                 [["alone", found["alone"]["rate"], found["alone"]["p50"], found["alone"]["p99"]],
                  [f"beside {found['held']['clients']:,} idle WebSockets, gateways: {found['gateways']}", found["beside"]["rate"], found["beside"]["p50"], found["beside"]["p99"]]])
