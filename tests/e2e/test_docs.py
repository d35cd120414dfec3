# tests/e2e/test_docs.py: /docs, /docs/messages and /catalogue in a browser: shown whole, by this gateway alone, without an error.
import json
import re
import time
import urllib.parse

import pytest

from api import patience
from client_hosts import chromium

SECONDS = 60


class Page:
    """A tab of Chromium, and all that it asked for and complained about."""

    def __init__(self, driver, url):
        self.driver, self.url = driver, url
        self.asked, self.answered, self.complaints = [], {}, []

    def open(self, path):
        self.driver.get("about:blank")
        self.look()
        self.asked, self.answered, self.complaints = [], {}, []
        self.driver.get(self.url + path)
        return self

    def look(self):
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                self.asked.append(message["params"]["request"]["url"])
            elif message["method"] == "Network.responseReceived":
                response = message["params"]["response"]
                self.answered[response["url"]] = response["status"]
        self.complaints += [entry for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def find(self, selector):
        return self.driver.find_elements("css selector", selector)

    def wait_for(self, condition, what):
        until = time.monotonic() + patience(SECONDS)
        while not (found := condition()):
            assert time.monotonic() < until, f"{what}\n{self.driver.get_log('browser')}\n{self.driver.page_source[:3000]}"
            time.sleep(0.05)
        return found

    def is_whole(self):
        """Nothing came from elsewhere, nothing is missing, nothing was refused."""
        self.look()
        assert self.complaints == []
        assert self.asked and {status for url, status in self.answered.items() if url.startswith("http")} <= {200, 304}, self.answered
        host = urllib.parse.urlsplit(self.url).netloc
        strangers = [url for url in self.asked if urllib.parse.urlsplit(url).netloc != host and not url.startswith(("data:", "blob:", "about:"))]
        assert strangers == []


@pytest.fixture(scope="module")
def page(api, tmp_path_factory):
    driver = chromium(tmp_path_factory.mktemp("profile"), logs={"performance": "ALL", "browser": "ALL"})
    yield Page(driver, api.url)
    driver.quit()


def test_every_route_is_shown_and_opens(page, api):
    page.open("/docs")
    document = api.send("GET", "/openapi.json").json()
    routes = {(method.upper(), path) for path, operations in document["paths"].items() for method in operations}
    shown = lambda: {(block.find_element("css selector", ".opblock-summary-method").text,
                      block.find_element("css selector", ".opblock-summary-path").get_attribute("data-path")) for block in page.find(".opblock")}
    page.wait_for(lambda: len(page.find(".opblock")) >= len(routes), "the routes")
    assert shown() == routes and len(routes) > 20
    start = next(block for block in page.find(".opblock-post")
                 if block.find_element("css selector", ".opblock-summary-path").get_attribute("data-path") == "/challenges/{id}/sessions")
    assert not start.find_elements("css selector", ".opblock-body")
    page.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", start)
    start.find_element("css selector", ".opblock-summary-control").click()
    page.wait_for(lambda: start.find_elements("css selector", ".opblock-body .responses-table .response"), "the operation's answers")
    text = start.text
    statuses = document["paths"]["/challenges/{id}/sessions"]["post"]["responses"]
    assert "Idempotency-Key" in text and all(status in text for status in statuses), text
    assert [one.text for one in page.find(".errors-wrapper")] == []
    page.is_whole()


def test_a_route_is_tried_out_by_the_page(page, api):
    """Its script may ask this gateway, and shows what was answered."""
    page.open("/docs")
    health = page.wait_for(lambda: [block for block in page.find(".opblock-get") if "/healthz" in block.text], "/healthz")[0]
    page.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", health)
    health.find_element("css selector", ".opblock-summary-control").click()
    page.wait_for(lambda: health.find_elements("css selector", ".try-out__btn"), "Try it out")[0].click()
    page.wait_for(lambda: health.find_elements("css selector", ".execute"), "Execute")[0].click()
    page.wait_for(lambda: health.find_elements("css selector", ".live-responses-table .response-col_status"), "an answer")
    assert '"status"' in health.find_element("css selector", ".live-responses-table").text
    page.is_whole()


def test_every_message_is_shown_and_opens(page, api):
    page.open("/docs/messages")
    document = api.send("GET", "/asyncapi.json").json()
    page.wait_for(lambda: len(page.find("article")) == len(document["channels"]) + 1, "the channels")
    headings = [one.text for one in page.find("article > h2")]
    assert headings == [channel["address"] for channel in document["channels"].values()] + ["Schemas"]
    assert len(page.find("article > details")) == sum(len(one["messages"]) for one in document["channels"].values()) + len(document["components"]["schemas"])
    event = next(one for one in page.find("article > details > summary") if one.text.startswith("ws.event.v1"))
    event.click()
    details = event.find_element("xpath", "..")
    page.wait_for(lambda: details.find_element("css selector", "pre").is_displayed(), "the example")
    assert "Kiroku writes it" in details.text and '"position"' in details.text
    page.is_whole()


def test_the_catalogue_shows_every_event(page, api):
    page.open("/catalogue")
    document = api.send("GET", "/asyncapi.json").json()
    events = {re.sub(r"\.v\d+$", "", document["components"]["messages"][one]["name"])
              for name, channel in document["channels"].items() if name.endswith(".events") for one in channel["messages"]}
    shown = [one.get_attribute("id") for one in page.find("article")]
    assert len(shown) > 10 and set(shown) == events and len(shown) == len(events)
    assert all(one.is_displayed() and one.text for one in page.find("article"))
    page.is_whole()
    for link in [one.get_attribute("href") for one in page.find("nav a")]:
        page.open(urllib.parse.urlsplit(link).path).wait_for(lambda: page.find("nav b"), link)


def test_a_page_that_asks_elsewhere_is_noticed(page):
    """What is checked above can fail: the page's policy refuses it, and both are seen."""
    page.open("/catalogue")
    page.driver.execute_script("fetch('https://elsewhere.invalid/').catch(() => {}); const s = document.createElement('script'); "
                               "s.textContent = 'window.was = 1'; document.body.append(s)")
    page.wait_for(lambda: page.look() or len(page.complaints) >= 2, "complaints")
    assert page.driver.execute_script("return window.was") is None
    with pytest.raises(AssertionError):
        page.is_whole()
