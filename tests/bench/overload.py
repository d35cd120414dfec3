# tests/bench/overload.py: five times as many clients as the gateway lets wait, beside as many as serve it best.
BEST = 512  # in flight: about where the rate is highest
FACTOR = 5
MOST_IN_FLIGHT = 1000  # the gateway's own --commands-in-flight
RETRY_AFTER = 1  # seconds, as its refusals tell


def overload(bench, paths):
    """Starting sessions: at its best; with five times as many clients who wait as they are told; and who don't wait."""
    def load(in_flight, back_off):
        return bench.http(in_flight, "POST", paths, body="{}", back_off=back_off, warm=max(bench.warm, 2 * RETRY_AFTER))

    found = {"best": load(BEST, 0), "patient": load(FACTOR * MOST_IN_FLIGHT, RETRY_AFTER), "impatient": load(FACTOR * MOST_IN_FLIGHT, 0)}
    again = load(BEST, 0)
    found["best"] = max(found["best"], again, key=lambda figures: figures["rate"])
    return found

