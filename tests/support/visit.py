"""The hands and eyes of a visitor: headless Chromium opens a page as some device, does what it is told, and says what it saw.

    visit.py < VISIT.json > SEEN.json

VISIT has `chromium`, `url`, `device` (a key of DEVICES), and, where wanted: `home` (a directory whose NSS database the browser
trusts), `script` (false: none runs), `locale`, `dark`, `blocked` (a host and port that nothing of the page reaches), and `acts`, each one
of {"go": URL}, {"wait": SELECTOR}, {"click": SELECTOR}, {"fill": SELECTOR, "with": TEXT}, {"text": SELECTOR}, {"texts": SELECTOR},
{"count": SELECTOR}, {"attribute": SELECTOR, "name": NAME}, {"download": SELECTOR}, {"shot": FILE, "whole": BOOL}, {"axe": true},
{"unblock": true}, {"evaluate": SCRIPT}, {"width": true}, {"pause": MILLISECONDS}, {"cell": CODE, "shows": TEXT} (in the last cell of a
notebook), {"run": WORDS} (a program of the machine's, while the page is open).

SEEN has `answers`, one for each act, and what went on meanwhile: `requests`, `dialogs`, `complaints` of the console; and `refused`, where
the browser did not take the certificate and nothing was done.
"""

import json
import pathlib
import re
import subprocess
import sys

from playwright.sync_api import Error, TimeoutError, sync_playwright

PATIENCE = 75_000
FLAGS = pathlib.Path(__file__).with_name("chromium.flags").read_text(encoding="ascii").split()

SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0"
DEVICES = {
    "iphone": {
        "agent": f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) {SAFARI} Mobile/15E148 Safari/604.1",
        "platform": "iPhone",
        "touches": 5,
        "size": (390, 844, 3),
    },
    # An iPad says that it is a Mac; only the number of fingers it takes tells them apart.
    "ipad": {
        "agent": f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {SAFARI} Safari/605.1.15",
        "platform": "MacIntel",
        "touches": 5,
        "size": (820, 1180, 2),
    },
    "mac": {
        "agent": f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {SAFARI} Safari/605.1.15",
        "platform": "MacIntel",
        "touches": 0,
        "size": (1280, 800, 1),
    },
    "android": {
        "agent": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
        "platform": "Linux armv81",
        "touches": 5,
        "size": (412, 915, 2.6),
    },
    "windows": {
        "agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
        "platform": "Win32",
        "touches": 0,
        "size": (1280, 800, 1),
    },
    "linux": {
        "agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
        "platform": "Linux x86_64",
        "touches": 0,
        "size": (1280, 800, 1),
    },
    "firefox": {
        "agent": "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
        "platform": "Linux x86_64",
        "touches": 0,
        "size": (1280, 800, 1),
    },
    # The narrowest screen a page must be readable on.
    "narrow": {
        "agent": f"Mozilla/5.0 (iPhone; CPU iPhone OS 15_8 like Mac OS X) {SAFARI} Mobile/15E148 Safari/604.1",
        "platform": "iPhone",
        "touches": 5,
        "size": (320, 568, 2),
    },
}


class Visit:
    def __init__(self, told, browser):
        device = DEVICES[told["device"]]
        width, height, scale = device["size"]
        self.context = browser.new_context(
            user_agent=device["agent"],
            viewport={"width": width, "height": height},
            device_scale_factor=scale,
            has_touch=device["touches"] > 0,
            locale=told.get("locale", "en-US"),
            color_scheme="dark" if told.get("dark") else "light",
            reduced_motion="reduce",
            java_script_enabled=told.get("script", True),
            accept_downloads=True,
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.session = self.context.new_cdp_session(self.page)
        self.session.send(
            "Emulation.setUserAgentOverride",
            {
                "userAgent": device["agent"],
                "platform": device["platform"],
                "acceptLanguage": told.get("locale", "en-US"),
            },
        )
        if device["touches"]:
            touches = {"enabled": True, "maxTouchPoints": device["touches"]}
            self.session.send("Emulation.setTouchEmulationEnabled", touches)
        self.requests, self.dialogs, self.complaints = [], [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))
        self.page.on("dialog", self.dismiss)
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.blocked = told.get("blocked")
        if self.blocked:
            self.page.route(lambda url: self.is_blocked(url), lambda route: route.abort("connectionrefused"))
            self.page.route_web_socket(lambda url: self.is_blocked(url), lambda socket: socket.close())

    def go(self, url):
        """Why the browser does not go there, if it is for the certificate's sake."""
        try:
            self.page.goto(url)
        except Error as error:
            found = re.search(r"net::(ERR_CERT_\w+)", error.message)
            if not found:
                raise
            return found[1]
        return None

    def dismiss(self, dialog):
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def is_blocked(self, url):
        return bool(self.blocked) and f"//{self.blocked}/" in url

    def act(self, act):
        page = self.page
        if "wait" in act:
            return page.wait_for_selector(act["wait"]).inner_text()
        if "go" in act:
            return page.goto(act["go"]).status
        if "click" in act:
            return page.locator(act["click"]).first.click()
        if "fill" in act:
            return page.fill(act["fill"], act["with"])
        if "text" in act:
            return page.inner_text(act["text"])
        if "texts" in act:
            return [text for text in page.locator(act["texts"]).all_inner_texts() if text]
        if "count" in act:
            return page.locator(act["count"]).count()
        if "attribute" in act:
            return page.get_attribute(act["attribute"], act["name"])
        if "download" in act:
            with page.expect_download() as coming:
                page.locator(act["download"]).first.click()
            with open(coming.value.path(), "rb") as file:
                return {"name": coming.value.suggested_filename, "hex": file.read().hex()}
        if "shot" in act:
            page.screenshot(path=act["shot"], full_page=act.get("whole", False))
            return act["shot"]
        if "axe" in act:
            return self.violations()
        if "unblock" in act:
            self.blocked = None
            return None
        if "evaluate" in act:
            return page.evaluate(act["evaluate"])
        if "width" in act:
            return page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        if "pause" in act:
            return page.wait_for_timeout(act["pause"])
        if "cell" in act:
            return self.run_cell(act["cell"], act["shows"])
        if "run" in act:
            done = subprocess.run(act["run"], capture_output=True, text=True)
            return done.stdout if done.returncode == 0 else sys.exit(f"{act['run']}: {done.stdout}{done.stderr}")
        sys.exit(f"no such act: {act}")

    def run_cell(self, code, shown):
        """Runs code in the last cell of a notebook and waits for what it shows, as a person does: once more where the page lost it.
        What the page says meanwhile of its connection is put away."""
        # Unknown is what a kernel is that said nothing since the page connected again.
        connected = ", ".join(f".jp-Notebook-ExecutionIndicator[data-status={status}]" for status in ("idle", "unknown"))
        self.page.wait_for_selector(connected, timeout=2 * PATIENCE)
        for _ in range(4):
            for button in self.page.locator(".jp-Dialog-button.jp-mod-reject").all():
                button.click()
            cell = self.page.locator(".jp-Notebook .jp-Cell .cm-content").last
            cell.click()
            # Which key selects all depends on the device.
            self.page.evaluate("document.execCommand('selectAll')")
            self.page.keyboard.insert_text(code)
            self.page.wait_for_timeout(200)
            self.page.keyboard.press("Shift+Enter")
            try:
                output = f".jp-OutputArea-output:has-text({json.dumps(shown)})"
                return self.page.wait_for_selector(output, timeout=PATIENCE / 2).inner_text()
            except TimeoutError:
                pass
        sys.exit(f"`{code}` does not show {shown}: {self.page.inner_text('body')}")

    def violations(self):
        """What axe-core has against the page as it stands; its script runs beside the page's policy, not under it."""
        from axe_playwright_python.base import AXE_FILE_PATH

        with open(AXE_FILE_PATH, encoding="utf-8") as file:
            self.session.send("Runtime.evaluate", {"expression": file.read()})
        found = self.page.evaluate("axe.run().then(result => result.violations)")
        return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}" for one in found]


def main():
    told = json.load(sys.stdin)
    with sync_playwright() as playwright:
        environment = {"HOME": told["home"]} if "home" in told else None
        browser = playwright.chromium.launch(executable_path=told["chromium"], args=FLAGS, env=environment)
        visit = Visit(told, browser)
        refused = visit.go(told["url"])
        answers = [] if refused else [visit.act(act) for act in told.get("acts", [])]
        seen = {
            "refused": refused,
            "answers": answers,
            "requests": visit.requests,
            "dialogs": visit.dialogs,
            "complaints": visit.complaints,
        }
        json.dump(seen, sys.stdout)
        browser.close()


main()
