# tests/chaos/faults_of_disks.py: power that fails, and a database whose disk is full or holds what was true some time ago.
import time

from fault import DEATH, fault


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


@fault("F20-full", "the database's disk is full", bound=DEATH, needs="file systems")
def full_database(fire):
    database, before = fire.system.database_server, fire.projected()
    said = len(database.said())
    database.fill()
    fire.sql("SELECT pg_switch_wal()", user="postgres", check=False)  # else there is room for megabytes of changes
    if not fire.wait_until(lambda: "No space left on device" in database.said()[said:], 15):
        fire.unmet("the database didn't need more room")
    time.sleep(fire.length(4, 60))
    fire.wait_for_flow()
    database.make_room()
    fire.wait_until_projected(before)


@fault("F20-restored", "the database is put back to what it was some seconds ago, while nobody asks for anything")
def restored_database(fire):
    database, said = fire.system.database_server, len(fire.projectors_said())
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
    if "was a backup restored?" not in fire.projectors_said()[said:]:
        fire.unmet("no projector ran on while its position became an older one")
    fire.measured(f"the read models were put back by {lost:,} records")
