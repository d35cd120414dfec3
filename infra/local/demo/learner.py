# infra/local/demo/learner.py: one learner: a temper, a plan for each day, and how it is lived through the API.
import datetime
import time
import zoneinfo

from client import Client, Refused
from ledger import Ledger, format_instant

ZONES = ("Europe/Berlin", "Asia/Tokyo", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "America/Sao_Paulo",
         "Africa/Nairobi", "Australia/Lord_Howe")
NAMES = ("Mika", "Aiko", "Noor", "Luca", "Ines", "Tariq", "Freya", "Kenji", "Zola", "Petra", "Omar", "Yuki", "Lena",
         "Diego", "Asha", "Emil", "Sora", "Maya", "Ivo", "Rosa", "Kofi", "Hana", "Theo", "Amara", "Nils")
LOGIN_PATIENCE = 20  # tries: a new account takes a moment until it can log in


class Plan:
    """What is to happen: `act` (complete or abandon), when it happened and, told late, how many days it is held back."""

    def __init__(self, act, challenge, at, held_back, random):
        self.act = act
        self.challenge = challenge
        self.at = at
        self.held_back = held_back
        self.score = min(100, max(5, round(random.gauss(78, 16))))
        self.seconds = random.randint(300, 5400)
        self.distractions = random.randint(0, 2)


class Learner:
    def __init__(self, number, run, url, patience, random, count, journal=lambda path, body: None, trusted=None):
        self.number = number
        self.run = run
        self.random = random
        self.zone = zoneinfo.ZoneInfo(ZONES[number % len(ZONES)])
        self.name = f"{NAMES[number % len(NAMES)]} {number + 1}"
        self.diligence = random.uniform(0.35, 1.0)
        self.fickleness = random.uniform(0.0, 0.12)
        self.client = Client(url, patience, count, journal, trusted)
        self.ledger = Ledger()
        self.count = count
        self.user = None
        self.position = None
        self.acts = 0
        self.waiting = []  # plans that are told on a later day

    @property
    def email(self):
        return f"learner-{self.run}-{self.number}@example.org"

    def register(self):
        body = {"email": self.email, "password": f"pass phrase {self.run} {self.number}", "displayName": self.name,
                "timezone": self.zone.key}
        self.user = self.client.post("/auth/register", body, f"{self.run}-{self.number}-register").body["userId"]
        self.client.login = self.log_in
        self.log_in()

    def log_in(self):
        body = {"email": self.email, "password": f"pass phrase {self.run} {self.number}"}
        self.client.token = None
        for attempt in range(LOGIN_PATIENCE):
            self.acts += 1
            try:
                answer = self.client.post("/auth/login", body, f"{self.run}-{self.number}-login-{self.acts}")
                self.client.token = answer.body["accessToken"]
                return
            except Refused as refused:
                if refused.status != 401 or attempt + 1 == LOGIN_PATIENCE:
                    raise
                self.pause(0.25)

    def challenges(self):
        """All of the catalogue that the learner sees."""
        found, cursor = [], ""
        while cursor is not None:
            body = self.client.get(f"/challenges?limit=50{cursor and '&cursor=' + cursor}").body
            found += body["items"]
            cursor = body["nextCursor"]
        return found

    def local_day(self, ago):
        return datetime.datetime.now(self.zone).date() - datetime.timedelta(days=ago)

    def plan(self, day, challenges, last_day):
        """Up to three sessions on that date, in the order of their times; a weekend is quieter."""
        weight = self.diligence * (0.7 if day.weekday() >= 5 else 1.0)
        sessions = sum(self.random.random() < weight * share for share in (1.0, 0.45, 0.15))
        minutes = sorted(self.random.sample(range(7 * 60, 22 * 60), sessions))
        plans = []
        for minute in minutes:
            at = datetime.datetime.combine(day, datetime.time(minute // 60, minute % 60), self.zone)
            at += datetime.timedelta(milliseconds=self.random.randrange(60_000))
            act = "abandon" if self.random.random() < self.fickleness else "complete"
            late = act == "complete" and not last_day and self.random.random() < 0.08
            plans.append(Plan(act, self.random.choice(challenges), at.astimezone(datetime.timezone.utc),
                              self.random.randint(1, 2) if late else 0, self.random))
        return plans

    def live(self, day, challenges, last_day, pause):
        """One day: what was held back and is due, then today's; `pause` spreads it over the day."""
        self.pause = pause
        due = [plan for plan in self.waiting if plan.held_back <= 1 or last_day]
        self.waiting = [plan for plan in self.waiting if plan not in due]
        for plan in self.waiting:
            plan.held_back -= 1
        for plan in self.plan(day, challenges, last_day):
            (self.waiting if plan.held_back else due).append(plan)
        for plan in due:
            pause(None)
            self.carry_out(plan)

    def pause(self, seconds):
        """The demo's clock takes its place while a day is lived."""
        time.sleep(seconds)

    def carry_out(self, plan):
        self.acts += 1
        key = f"{self.run}-{self.acts}"
        session = self.client.post(f"/challenges/{plan.challenge['id']}/sessions", {}, f"{key}-start").body["id"]
        if plan.distractions:
            at = [format_instant(plan.at - datetime.timedelta(minutes=n + 1)) for n in range(plan.distractions)]
            self.client.post(f"/challenge-sessions/{session}/progress", {
                "currentPhase": "focus", "distractionEvents": [{"at": moment, "kind": "phone"} for moment in at]},
                f"{key}-progress")
        if plan.act == "abandon":
            answer = self.client.post(f"/challenge-sessions/{session}/abandon", {}, f"{key}-abandon")
            now = datetime.datetime.now(datetime.timezone.utc)
            self.ledger.abandoned(now, now.astimezone(self.zone).date())
        else:
            answer = self.client.post(f"/challenge-sessions/{session}/complete", {
                "performanceScore": plan.score, "completionTime": plan.seconds, "occurredAt": format_instant(plan.at)},
                f"{key}-complete")
            self.ledger.completed(plan.at, plan.at.astimezone(self.zone).date(), answer.body.get("reward"))
        self.position = answer.body["position"]
        self.count(plan.act)

    def history(self):
        found, cursor = [], ""
        while cursor is not None:
            body = self.client.get(f"/me/xp-history?limit=100{cursor and '&cursor=' + cursor}", self.position).body
            found += body["items"]
            cursor = body["nextCursor"]
        return found

    def check(self):
        """What the API tells of this learner otherwise than our books, once all of it is visible."""
        history = self.history()
        self.ledger.add_late_rewards(history)
        days = {self.local_day(0)}
        progress = self.client.get("/me/progress", self.position).body
        days.add(self.local_day(0))
        found = self.ledger.differences(progress, days)
        if (total := sum(item["amount"] for item in history)) != self.ledger.total:
            found.append(f"the XP history adds up to {total}, by our books it is {self.ledger.total}")
        me = self.client.get("/leaderboards/global?timeframe=all&limit=1", self.position).body["me"]
        if (me["xp"] if me else 0) != self.ledger.total:
            found.append(f"the leaderboard's me has {me['xp'] if me else 0} XP, by our books it is {self.ledger.total}")
        return [f"{self.name} ({self.user}): {difference}" for difference in found]
