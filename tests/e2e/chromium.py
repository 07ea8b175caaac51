# SPDX-License-Identifier: GPL-2.0-or-later
"""A headless Chromium, spoken to in the DevTools protocol over a pipe."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "google-chrome")
TIMEOUT = 120  # seconds, for a machine that has other things to do


def find():
    """The path of a Chromium, or None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next((p for p in map(shutil.which, NAMES) if p), None)


class Error(Exception):
    pass


class Chromium:
    """One browser.  Use as a context manager, or call close()."""

    def __init__(self, binary):
        self.home = tempfile.TemporaryDirectory(prefix="adiemu-chromium-",
                                                ignore_cleanup_errors=True)
        self.log = open(os.path.join(self.home.name, "log"), "w+b")
        to_child, self.out = os.pipe()
        self.inp, from_child = os.pipe()

        def become():  # the browser reads from 3 and writes to 4
            a, b = os.dup(to_child), os.dup(from_child)
            os.dup2(a, 3)
            os.dup2(b, 4)

        options = ["--headless=new", "--remote-debugging-pipe",
                   "--disable-gpu", "--disable-dev-shm-usage",
                   "--hide-scrollbars", "--no-first-run",
                   "--disable-background-networking",
                   "--disable-extensions", "--force-color-profile=srgb",
                   "--user-data-dir=" + os.path.join(self.home.name, "data")]
        if os.geteuid() == 0:
            options.append("--no-sandbox")  # it refuses to start otherwise
        env = dict(os.environ, HOME=self.home.name)
        self.process = subprocess.Popen(
            [binary, *options, "about:blank"], stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=self.log, preexec_fn=become,
            close_fds=False, env=env)
        os.close(to_child)
        os.close(from_child)
        self.buffer = b""
        self.last_id = 0
        self.pages = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        try:
            self.call("Browser.close")
            self.process.wait(20)
        except (Error, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        for fd in (self.inp, self.out):
            os.close(fd)
        self.log.close()
        self.home.cleanup()

    def _died(self, why):
        self.log.seek(0)
        tail = self.log.read()[-2000:].decode(errors="replace")
        return Error(f"{why}\n{tail}")

    def _message(self, until):
        while b"\0" not in self.buffer:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.inp], [], [], left)[0]:
                raise self._died("chromium does not answer")
            data = os.read(self.inp, 1 << 16)
            if not data:
                raise self._died("chromium ended")
            self.buffer += data
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, params=None, session=None):
        self.last_id += 1
        ask = {"id": self.last_id, "method": method, "params": params or {}}
        if session:
            ask["sessionId"] = session
        data = json.dumps(ask).encode() + b"\0"
        while data:
            data = data[os.write(self.out, data):]
        until = time.monotonic() + TIMEOUT
        while True:
            m = self._message(until)
            if m.get("id") == ask["id"]:
                if "error" in m:
                    raise Error(f"{method}: {m['error']}")
                return m["result"]
            page = self.pages.get(m.get("sessionId"))
            if page and "method" in m:
                page.told(m["method"], m["params"])

    def open(self, path, dark=False, width=1640, height=1200):
        return Page(self, path, dark, width, height)


class Page:
    """A tab.  problems: what went to its console; requests: what it asked."""

    def __init__(self, browser, path, dark, width, height):
        self.browser = browser
        self.problems = []
        self.requests = []
        url = "file://" + os.path.abspath(path)
        self.target = browser.call("Target.createTarget",
                                   {"url": "about:blank"})["targetId"]
        self.session = browser.call(
            "Target.attachToTarget",
            {"targetId": self.target, "flatten": True})["sessionId"]
        browser.pages[self.session] = self
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        self.call("Emulation.setDeviceMetricsOverride",
                  {"width": width, "height": height, "deviceScaleFactor": 1,
                   "mobile": False})
        self.call("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme",
             "value": "dark" if dark else "light"}]})
        self.call("Page.navigate", {"url": url})
        self.wait("document.body && document.body.dataset.ready === 'yes'")

    def call(self, method, params=None):
        return self.browser.call(method, params, self.session)

    def told(self, method, p):
        if method == "Runtime.exceptionThrown":
            e = p["exceptionDetails"]
            self.problems.append(e.get("exception", {}).get("description") or
                                 e["text"])
        elif method == "Runtime.consoleAPICalled" and p["type"] != "log":
            self.problems.append(json.dumps(p["args"]))
        elif method == "Log.entryAdded" and \
                p["entry"]["level"] in ("error", "warning"):
            self.problems.append(p["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(p["request"]["url"])

    def eval(self, expression):
        """The value of a JavaScript expression."""
        r = self.call("Runtime.evaluate",
                      {"expression": expression, "returnByValue": True,
                       "awaitPromise": True})
        if "exceptionDetails" in r:
            raise Error(json.dumps(r["exceptionDetails"], indent=1))
        return r["result"].get("value")

    def wait(self, expression):
        until = time.monotonic() + TIMEOUT
        while not self.eval(expression):
            if time.monotonic() > until:
                raise Error(f"never: {expression}; {self.problems}")
            time.sleep(0.05)

    def type(self, text):
        self.call("Input.insertText", {"text": text})

    def press(self, key, code=None, vk=0):
        for kind in ("keyDown", "keyUp"):
            p = {"type": kind, "key": key, "code": code or key,
                 "windowsVirtualKeyCode": vk}
            if kind == "keyDown" and len(key) == 1:
                p["text"] = key
            self.call("Input.dispatchKeyEvent", p)

    def screenshot(self, path, whole=True):
        shot = self.call("Page.captureScreenshot",
                         {"format": "png", "captureBeyondViewport": whole})
        with open(path, "wb") as f:
            f.write(base64.b64decode(shot["data"]))

    def close(self):
        self.browser.call("Target.closeTarget", {"targetId": self.target})
        del self.browser.pages[self.session]
