# tests/bench/allocating.py: how often, and how much, a gateway allocates for one request.
import pathlib
import struct

from sockets import Gateway

COUNTER = "libbench_allocations.so"
COUNT = struct.Struct("QQ")  # how often, how many bytes


class Counted:
    """A gateway beside the system's, with what it allocates since it began."""

    def __init__(self, bench):
        self.file = pathlib.Path(bench.learners.folder) / "allocations"
        self.file.write_bytes(bytes(COUNT.size))
        more = {"LD_PRELOAD": str(bench.programs.folder / COUNTER), "KIROKU_BENCH_ALLOCATIONS": str(self.file)}
        self.gateway = Gateway(bench.programs, bench.system.env | more)

    def count(self):
        return COUNT.unpack(self.file.read_bytes())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.gateway.stop()


def allocating(bench, paths):
    """A request's share of all that the gateway allocates meanwhile, threads that read the log included."""
    asked = {"GET /healthz": {"method": "GET", "paths": "/healthz"},
             "GET /me/progress": {"method": "GET", "paths": "/me/progress"},
             "GET /leaderboards/global": {"method": "GET", "paths": "/leaderboards/global?limit=10"},
             "command": {"method": "POST", "paths": paths, "body": "{}"}}
    found = {}
    with Counted(bench) as counted:
        for name, options in asked.items():
            bench.http(64, port=counted.gateway.port, seconds=0.5, warm=0, **options)
            before = counted.count()
            figures = bench.http(64, port=counted.gateway.port, seconds=bench.seconds / 2, warm=0, **options)
            times, size = (now - then for now, then in zip(counted.count(), before))
            found[name] = {"times": times / figures["count"], "bytes": size / figures["count"]}
    return found
