# tests/chaos/faults_of_disks.py: power that fails, and a database whose disk is full or holds what was true some time ago.
import json
import pathlib
import time

from collect import dump_log
from evidence import Log, op_of, operations, texts
from fault import DEATH, fault

# What the database's log has set aside would last for minutes: this goes on to its next file 200 times.
USE_UP = "SELECT pg_logical_emit_message(false, 'chaos', 'full'), pg_switch_wal() FROM generate_series(1, 200)"
RESTORED = "was a backup restored?"  # says a projector that is ahead of its database


@fault("F13", "one broker loses power: what it hadn't synced is gone; it comes back at once")
def power_loss(fire):
    for partition in fire.some(range(4), 1):
        broker = fire.brokers.leader("bank.events", partition)
        loss = broker.lose_power()
        if loss.bytes == 0:
            fire.unmet("all that the broker had written was synced")
        fire.revive(broker)
        fire.wait_for_flow()
        fire.wait_until_in_sync()
        fire.measured(f"{loss} were cut off broker {broker.number}, and came back from the others")


@fault("F14", "all brokers lose power at once, where each command and event is synced before it counts")
def power_loss_everywhere(fire):
    fire.system.verb("topics", "--sync", "always")
    for broker in fire.brokers.all:
        broker.disk.sync(broker.disk.sizes("*.commands-*/*"))
        broker.disk.sync(broker.disk.sizes("*.events-*/*"))
    time.sleep(fire.length(3, 60))
    loss = fire.brokers.lose_power()
    fire.healed()
    fire.wait_for_flow()
    fire.wait_until_in_sync()
    fire.system.verb("topics", "--sync", "lazily")
    if loss.bytes == 0:
        fire.unmet("all that the brokers had written was synced")
    fire.measured(f"{loss} were cut off all brokers")


@fault("F20-full", "the database's disk is full", bound=DEATH, needs="file systems")
def full_database(fire):
    database, before = fire.system.database_server, fire.projected()
    said = len(database.said())
    database.fill()
    fire.sql(USE_UP, user="postgres", check=False)
    if not fire.wait_until(lambda: "No space left on device" in database.said()[said:], 15):
        fire.unmet("the database didn't need more room")
    time.sleep(fire.length(4, 60))
    fire.wait_for_flow()
    database.make_room()
    fire.wait_until_projected(before)


@fault("F20-restored", "the database is put back to what it was some seconds ago, while nobody asks for anything")
def restored_database(fire):
    database, noticed = fire.system.database_server, fire.projectors_said().count(RESTORED)
    database.stop()
    database.back_up()
    database.start()
    backed_up = fire.projected()
    fire.wait_until_projected(backed_up)
    time.sleep(fire.length(3, 60))
    fire.pause_clients()
    fire.wait_until_caught_up()
    lost = sum(fire.projected().values()) - sum(backed_up.values())
    database.stop()
    database.restore()
    database.start()
    fire.wait_until_caught_up()
    fire.go_on()
    if fire.projectors_said().count(RESTORED) == noticed:
        fire.unmet("no projector ran on while its position became an older one")
    fire.measured(f"the read models were put back by {lost:,} records")


@fault("F14-unsynced", "all brokers lose power at once, where the kernel syncs when it likes: what is lost is counted", last=True,
       asked_for=True)
def power_loss_unsynced(fire):
    system, history = fire.system, fire.system.folder / "unsynced.ndjson"
    for role in fire.roles.values():
        role.start()
    system.wait_until_ready()
    load = system.workload_process(fire.random.randrange(1000, 1 << 30), 10, history=history)
    time.sleep(3)
    written = [broker.disk.sizes() for broker in fire.brokers.all]
    time.sleep(kernel_writes_within())
    for broker, sizes in zip(fire.brokers.all, written):
        broker.disk.sync(sizes)
    ended = time.monotonic_ns()
    loss = fire.brokers.lose_power()
    time.sleep(10)
    put_right(fire)
    time.sleep(5)
    load.terminate()
    load.wait(60)
    fire.wait_until_caught_up()
    dump_log(system, system.folder / "unsynced-log")
    ops = [op for op in operations(map(json.loads, texts(history))).values() if op.kind in ("count", "transfer") and op.granted]
    if not any(op.attempts[0].invoked > ended for op in ops):
        fire.flaw("commands didn't flow afterwards")
    if system.verb("verify", check=False).returncode != 0:
        fire.flaw("the read models aren't what the log says")
    found = {op_of(decision) for decision in Log("bank", texts(system.folder / "unsynced-log/bank.tsv")).decisions}
    answered = [op for op in ops if op.granted[0].returned < ended]
    lost = [(ended - op.granted[0].returned) / 1e9 for op in answered if op.id not in found]
    fire.measured(f"{loss} were cut off all brokers; of {len(answered):,} commands that were granted {len(lost):,} are gone, "
                  f"the oldest of them {max(lost, default=0):.1f} s old")


def put_right(fire):
    """What infra/README.md tells operators to do when the log has become a shorter one."""
    gateways_and_projectors = [role for name, role in fire.roles.items() if name.startswith(("gateway", "project"))]
    for role in gateways_and_projectors:
        role.stop()
    models = {place.split("|")[0] for place in fire.projected()}
    fire.system.verb("migrate", *(word for model in models for word in ("--recreate", model)))
    for role in gateways_and_projectors:
        role.start()
    fire.system.wait_until_ready()


def kernel_writes_within():
    """Seconds after which what was written is on the disk without being synced; see /proc/sys/vm in the kernel's documentation."""
    settings = pathlib.Path("/proc/sys/vm")
    return sum(int((settings / f"dirty_{name}_centisecs").read_text()) for name in ("expire", "writeback")) / 100
