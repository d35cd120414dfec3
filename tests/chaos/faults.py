# tests/chaos/faults.py: what goes wrong with processes and what is between them, one function a fault of the matrix.
import pathlib
import signal
import socket
import subprocess
import time

from fault import DEATH, fault


@fault("F1", "the broker that leads a command partition is killed", bound=DEATH)
def kill_leader(fire):
    for partition in fire.some(range(4), 1):
        broker = fire.brokers.leader("bank.commands", partition)
        broker.kill()
        fire.wait_for_flow()
        fire.revive(broker)


@fault("F2", "a decider is killed, and with it the broker that would share its partitions out", bound=20.0)
def kill_coordinator(fire):
    broker = fire.coordinator("kiroku-decide-bank")
    fire.roles["decide-2"].kill()
    broker.kill()
    fire.wait_for_flow()
    fire.revive(broker)


@fault("F3", "a broker stands still: the leader of a partition, then the controller", bound=25.0)
def stop_broker(fire):
    for broker in (fire.brokers.leader("bank.events", 1), fire.controller()):
        broker.process.send_signal(signal.SIGSTOP)
        time.sleep(fire.length(12, 60))
        broker.process.send_signal(signal.SIGCONT)
        fire.wait_for_flow()


@fault("F4", "a decider's events arrive when a successor has fenced", bound=15.0)
def late_events(fire):
    decider, links = fire.roles["decide-1"], fire.brokers.links_of("d1")
    before = fire.void_records()
    rule = fire.system.proxy.rule(links, "hold", contains=b"bank.events")
    if not rule.fired.wait(10):
        fire.unmet("decide-1 wrote nothing that could have been held")
    decider.signal(signal.SIGSTOP)
    fire.wait_for_flow(20)
    fire.system.proxy.end(rule, links)
    time.sleep(1)
    decider.signal(signal.SIGCONT)
    fire.wait_for_flow()
    if fire.void_records() <= before:
        fire.unmet("no late record reached the log: nothing was put to the test")


@fault("F5", "one request with events is lost, later ones pass")
def lost_events(fire):
    links = fire.brokers.links_of("d1")
    rule = fire.system.proxy.rule(links, "lose", contains=b"bank.events", times=1)
    if not rule.fired.wait(10):
        fire.unmet("decide-1 wrote nothing that could have been lost")
    fire.wait_for_flow(30)
    fire.system.proxy.end(rule, links)


@fault("F6", "a decider is killed before, behind and after the answer to its events, and as it replies", bound=DEATH)
def crash_points(fire):
    links = fire.brokers.links_of("d1")
    for action, contains in (("kill", b"bank.events"), ("kill-sent", b"bank.events"), ("kill-answered", b"bank.events"),
                             ("kill", b"replies")):
        rule = fire.system.proxy.rule(links, action, contains=contains, times=1, pid=fire.roles["decide-1"].pid)
        if not rule.fired.wait(15):
            fire.unmet(f"{action} at {contains.decode()} was never reached")
        fire.system.proxy.end(rule, links)
        fire.wait_for_flow()
        fire.wait_until_alive("decide-1")
        time.sleep(2)


@fault("F7", "a decider stands still until it has a successor, and goes on", bound=DEATH)
def stop_decider(fire):
    decider = fire.roles["decide-1"]
    decider.signal(signal.SIGSTOP)
    time.sleep(fire.length(10, 30))
    fire.wait_for_flow()
    decider.signal(signal.SIGCONT)


@fault("F8", "two deciders own the same partitions and fence each other", bound=20.0)
def fight(fire):
    rival = fire.extra_role("decide-3", ["decide", "--state", fire.system.folder / "d3", "--group", "rivals"], "rest")
    rival.start()
    time.sleep(fire.length(10, 60))
    rival.stop()


@fault("F9", "a decider's store is deleted, cut, and damaged by a bit", bound=DEATH)
def damage_store(fire):
    decider, state = fire.roles["decide-1"], fire.system.folder / "d1/decide"
    for damage in (delete, cut, flip):
        decider.stop()
        damage(state)
        decider.start()
        fire.wait_for_flow()
        time.sleep(1)


def delete(state):
    subprocess.run(["rm", "-rf", state], check=True)


def largest_table(state):
    """RocksDB's files of sorted entries; there is one, since a decider that stops in order writes what it holds."""
    return max(pathlib.Path(state).glob("*.sst"), key=lambda path: path.stat().st_size, default=None)


def cut(state):
    if table := largest_table(state):
        with table.open("r+b") as file:
            file.truncate(table.stat().st_size // 2)


def flip(state):
    if table := largest_table(state):
        content = bytearray(table.read_bytes())
        content[len(content) // 3] ^= 0x10
        table.write_bytes(content)


@fault("F10", "a decider reaches the broker of its commands and not the one of its events, then the other way round")
def half_reachable(fire):
    for topic in ("bank.events", "bank.commands"):
        link = fire.brokers.links["d1", fire.brokers.leader(topic, 0).number]
        fire.system.proxy.cut(link)
        time.sleep(fire.length(6, 30))
        fire.system.proxy.heal(link)
        fire.healed()
        fire.wait_for_flow()


@fault("F11", "one broker and one gateway are cut off from the other two", needs="network namespaces")
def minority(fire):
    links = [fire.brokers.links["g1", number] for number in (2, 3)]
    fire.system.net.part(1, (2, 3))
    fire.system.proxy.cut(*links)
    time.sleep(fire.length(8, 60))
    fire.system.net.join(1, (2, 3))
    fire.system.proxy.heal(*links)
    fire.healed()
    fire.wait_for_flow()


@fault("F12", "one broker's disk is full, then two brokers'", needs="network namespaces")
def full_disks(fire):
    first, second = fire.brokers.all[0], fire.brokers.all[1]
    first.fill()
    fire.wait_for_flow()
    time.sleep(fire.length(3, 30))
    second.fill()
    time.sleep(fire.length(6, 30))
    for broker in (first, second):
        broker.make_room()
        fire.revive(broker)
    fire.healed()
    fire.wait_for_flow(60)


@fault("F15", "the clock of a gateway, a decider and a broker is five minutes off, each way")
def wrong_clocks(fire):
    for seconds in (300, -300):
        fake = fire.wrong_clock(seconds)
        for name in ("gateway-1", "decide-1"):
            role = fire.roles[name]
            role.stop()
            role.extra = fake
            role.start()
        time.sleep(fire.length(5, 30))
        for name in ("gateway-1", "decide-1"):
            role = fire.roles[name]
            role.extra = {}
            role.kill()
        fire.healed()
        fire.wait_for_flow()
        broker = fire.brokers.all[0]
        for environment in (fake, {}):
            broker.kill(signal.SIGTERM)
            broker.environment = environment
            fire.revive(broker)
            time.sleep(fire.length(4, 30))
        fire.healed()
        fire.wait_for_flow()


@fault("F16", "the brokers are restarted one after the other; half of their clients use TLS", bound=DEATH)
def rolling_restart(fire):
    for broker in fire.brokers.all:
        broker.kill(signal.SIGTERM)
        fire.revive(broker)
        fire.wait_for_flow()


@fault("F17", "projectors are killed", bound=DEATH)
def kill_projectors(fire):
    for turn in range(fire.length(4, 12)):
        fire.roles[f"project-{turn % 2 + 1}"].kill()
        time.sleep(1.5)


@fault("F18", "a projector stands still within a transaction, and another one takes over", bound=DEATH)
def stop_projector(fire):
    name = fire.stop_within_transaction()
    if name is None:
        return fire.unmet("no projector was met within a transaction")
    other = fire.roles["project-2" if name == "project-1" else "project-1"]
    other.kill()
    time.sleep(fire.length(17, 30))  # the server ends a transaction that idles for 15 s
    fire.roles[name].signal(signal.SIGCONT)
    return None


@fault("F19", "the database's connection breaks with the commit under way", bound=DEATH)
def break_commits(fire):
    met = []
    links = [fire.system.database_links[name] for name in ("p1", "p2")]

    def at_commit(chunk):
        if b"COMMIT" not in chunk or len(met) >= 8:
            return False
        met.append(chunk)
        return True
    for link in links:
        link.on_chunk = at_commit
    fire.wait_until(lambda: len(met) >= 4, 12)
    for link in links:
        link.on_chunk = None
    if not met:
        fire.unmet("no commit passed")


@fault("F20", "the database is killed", bound=DEATH)
def kill_database(fire):
    if not fire.system.database_server.kill():
        fire.unmet("there was no database to kill")
    time.sleep(fire.length(5, 20))


@fault("F22", "a gateway is killed when its command is sent and not answered", bound=DEATH)
def kill_gateway(fire):
    links = fire.brokers.links_of("g1")
    for _ in range(fire.length(2, 6)):
        fire.wait_until_ready(0)
        rule = fire.system.proxy.rule(links, "kill-sent", contains=b"bank.commands", times=1, pid=fire.roles["gateway-1"].pid)
        if not rule.fired.wait(15):
            fire.unmet("gateway-1 sent no command")
        fire.system.proxy.end(rule, links)
        fire.wait_for_flow()
    fire.wait_until_ready(0)


@fault("F24", "eighty more clients that never pause, and two thousand connections that say nothing", bound=15.0)
def overload(fire):
    idle = []
    more = fire.more_clients(80)
    try:
        for number in range(2000):
            idle.append(socket.create_connection(("127.0.0.1", fire.system.ports[number % 2]), timeout=5))
    except OSError as error:
        fire.flaw(f"connection {len(idle)} was refused: {error}")
    time.sleep(fire.length(8, 120))
    more.terminate()
    more.wait(60)
    for connection in idle:
        connection.close()


@fault("F25", "poison: commands that throw, records that are no commands, a record of a megabyte; then everybody is restarted",
       bound=DEATH)
def poison(fire):
    fire.poison_commands(3)
    junk = ["no JSON", "{}", '{"type":"bank.count.v9","id":"x"}', "{" * 5000, "x" * 1_000_000]
    for text in junk:
        fire.produce("bank.commands", 0, text)
    fire.produce("bank.events", 0, fire.foreign_event())
    fire.wait_for_flow()
    names = list(fire.roles)
    fire.random.shuffle(names)
    for name in names:
        took, code = fire.roles[name].stop()
        if code != 0 or took > 20:
            fire.flaw(f"{name} needed {took:.1f} s to stop and ended with {code}")
        fire.roles[name].start()
    fire.wait_for_flow()


@fault("mixed", "whatever comes, several at a time")
def mixed(fire):
    links = list(fire.brokers.links.values())
    until = time.monotonic() + fire.length(25, 300)
    while time.monotonic() < until:
        dice = fire.random.random()
        if dice < 0.3:
            fire.roles[fire.random.choice(list(fire.roles))].kill()
        elif dice < 0.5:
            fire.briefly(signal.SIGSTOP, fire.random.choice(list(fire.roles.values())))
        elif dice < 0.65 and all(broker.alive() for broker in fire.brokers.all):
            fire.in_passing(3.0, fire.random.choice(fire.brokers.all).kill, fire.revive_all)
        elif dice < 0.85:
            some = fire.random.sample(links, 2)
            fire.in_passing(2.0, lambda some=some: fire.system.proxy.cut(*some), lambda some=some: fire.system.proxy.heal(*some))
        else:
            plain = fire.brokers.links_of(fire.random.choice(("d1", "g1", "rest")))
            rule = fire.system.proxy.rule(plain, fire.random.choice(("hold", "lose")), times=fire.random.randint(1, 3))
            fire.in_passing(2.0, lambda: None, lambda rule=rule, plain=plain: fire.system.proxy.end(rule, plain))
        time.sleep(fire.random.uniform(0.2, 2.0))
    fire.pass_all()
    fire.healed()


@fault("F21", "the log's topic is deleted and made anew under a projector", last=True)
def recreate_topic(fire):
    rows = fire.sql("SELECT * FROM kiroku.bank_accounts ORDER BY 1")
    for topic in ("bank.events", "bank.commands"):
        fire.brokers.delete_topic(topic)
    fire.system.verb("topics", "--partitions", "4")
    for name in ("project-1", "project-2"):
        fire.roles[name].stop()
    refused = fire.system.verb("project", "bank", check=False, timeout=60)
    if refused.returncode == 0 or "what to do" not in refused.stderr:
        fire.flaw(f"a projector took another log for its own: it ended with {refused.returncode}: {refused.stderr[-300:]}")
    if fire.sql("SELECT * FROM kiroku.bank_accounts ORDER BY 1") != rows:
        fire.flaw("its tables were changed")
