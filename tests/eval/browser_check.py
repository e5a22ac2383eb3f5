"""Opens a made-up report in headless Chromium and looks at what a reader would meet.

Usage: browser_check.py WRITE_SAMPLE_REPORT

At 400 and 1400 pixels, light and dark, and as printed: no error or warning in the console, no request but for the
page itself, nothing wider than the page, every section there, links that lead somewhere, tables that sort, and all
of the content without scripts. Chromium is the program that LABELBEAM_CHROMIUM names, or one on the path.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SKIP = 77
SECTIONS = ["headline", "headline-figure", "seeds", "set-nll", "results", "strategies", "curves", "calibration",
            "dependence", "set-sizes", "labels", "graphs", "examples", "protocol", "manifest"]
PRINTED_WIDTH = 1032  # A4 on its side without its margins, at 96 pixels an inch

LOOK = """(() => {
  const page = document.documentElement;
  const dead = [...document.querySelectorAll("a")].map(a => a.getAttribute("href"))
    .filter(href => !href.startsWith("#") || !document.getElementById(href.slice(1)));
  const wide = [...document.querySelectorAll("main *")].filter(e => !e.closest(".scroll") && !e.closest("svg")
    && e.getBoundingClientRect().right > page.clientWidth + 1).map(e => e.tagName + "." + e.className);
  const shown = [...document.querySelectorAll("section")].filter(s => s.innerText.trim().length > 20).map(s => s.id);
  return {width: page.clientWidth, scroll: page.scrollWidth, dead, wide, shown,
          back: getComputedStyle(document.body).backgroundColor};
})()"""

SORT = """(() => {
  const sorts = table => {
    const head = [...table.tHead.rows[0].cells].findLast(cell => cell.classList.contains("number"));
    const values = () => [...table.tBodies[0].rows].map(row => parseFloat(row.cells[head.cellIndex].textContent));
    const count = values().length;
    head.querySelector("button").click();
    const falling = values();
    head.querySelector("button").click();
    const rising = values();
    const sorted = (list, sign) => list.every((v, k) => k === 0 || isNaN(v) || sign * (v - list[k - 1]) >= 0);
    return count > 1 && falling.length === count && sorted(falling, -1) && sorted(rising, 1)
      && head.getAttribute("aria-sort") === "ascending";
  };
  const long = [...document.querySelectorAll("table.all-results, table.strategies")];
  return long.length === 2 && long.every(table => table.classList.contains("sortable"))
    && [...document.querySelectorAll("table.sortable")].every(sorts);
})()"""


class Browser:
    """Chromium at the other end of a pipe, spoken to in the DevTools protocol."""

    def __init__(self, program, profile):
        to_read, self.to_write = os.pipe()
        self.from_read, from_write = os.pipe()
        command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions",
                   "--disable-background-networking", f"--user-data-dir={profile}", "--remote-debugging-pipe"]
        self.process = subprocess.Popen(["bash", "-c", f'exec "$@" 3<&{to_read} 4>&{from_write}', "bash", *command],
                                        pass_fds=(to_read, from_write), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(from_write)
        self.buffer = b""
        self.number = 0
        self.session = None
        self.events = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def read(self):
        while b"\0" not in self.buffer:
            chunk = os.read(self.from_read, 1 << 16)
            if not chunk:
                sys.exit("the browser ended by itself")
            self.buffer += chunk
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to_write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") != self.number:
                self.events.append(answer)
            elif "error" in answer:
                sys.exit(f"{method}: {answer['error']}")
            else:
                return answer["result"]

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            sys.exit(f"{answer['exceptionDetails']}")
        return answer["result"]["value"]

    def open(self, url):
        """Returns what the page said and asked for while it was loaded."""
        self.events = []
        self.call("Page.navigate", url=url)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self.read())
        self.call("Runtime.evaluate", expression="0")
        return self.events

    def close(self):
        self.process.terminate()
        self.process.wait()


def complaints_and_requests(events, url):
    for event in events:
        method, parameters = event.get("method"), event.get("params", {})
        if method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
            yield f"{method}: {json.dumps(parameters)[:400]}"
        if method == "Network.requestWillBeSent" and parameters["request"]["url"] != url:
            yield f"the page asks for {parameters['request']['url']}"


def check_view(browser, url, width, scheme, media, faults):
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
    browser.call("Emulation.setEmulatedMedia", media=media,
                 features=[{"name": "prefers-color-scheme", "value": scheme}])
    events = browser.open(url)
    name = f"{width} pixels, {scheme}, {media}"
    seen = browser.evaluate(LOOK)
    faults += [f"{name}: {fault}" for fault in complaints_and_requests(events, url)]
    if seen["scroll"] > seen["width"]:
        faults.append(f"{name}: the page is {seen['scroll']} pixels wide")
    faults += [f"{name}: too wide: {element}" for element in seen["wide"][:5]]
    faults += [f"{name}: the link {link} leads nowhere" for link in seen["dead"]]
    if seen["shown"] != SECTIONS:
        faults.append(f"{name}: the sections are {seen['shown']}")
    if media == "screen" and not browser.evaluate(SORT):
        faults.append(f"{name}: the tables do not sort")
    return seen["back"]


def check_without_scripts(browser, url, faults):
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(url)
    root = browser.call("DOM.getDocument")["root"]["nodeId"]
    page = browser.call("DOM.getOuterHTML", nodeId=root)["outerHTML"]
    if "<button" in page:
        faults.append("without scripts: buttons that do nothing")
    faults += [f"without scripts: no section {name}" for name in SECTIONS if f'<section id="{name}"' not in page]


def check(program, page):
    faults = []
    url = page.as_uri()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(program, profile)
        try:
            backs = {}
            for width in (400, 1400):
                for scheme in ("light", "dark"):
                    backs[scheme] = check_view(browser, url, width, scheme, "screen", faults)
            backs["printed"] = check_view(browser, url, PRINTED_WIDTH, "dark", "print", faults)
            if backs["light"] == backs["dark"]:
                faults.append("the page is as light in the dark")
            if backs["printed"] != "rgb(255, 255, 255)":
                faults.append(f"the page is printed on {backs['printed']}")
            check_without_scripts(browser, url, faults)
        finally:
            browser.close()
    return faults


# Faults that a check which works must find.
BROKEN = {
    "a script that the policy forbids": ("</main>", "<script>1</script></main>"),
    "a picture from elsewhere": ("</main>", '<img src="https://example.org/a.png" alt=""></main>'),
    "a wide element": ("</main>", '<div style="width:3000px">wide</div></main>'),
    "a table that does not sort": ('class="strategies sortable"', 'class="strategies"'),
    "a lost section": ('<section id="curves"', '<section id="curve"'),
}


def main():
    names = [os.environ.get("LABELBEAM_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    program = next((found for found in map(shutil.which, filter(None, names)) if found), None)
    if not program:
        print("SKIPPED: there is no Chromium to open the report in: scripts/setup --browser installs it")
        return SKIP
    html = subprocess.run([sys.argv[1], "html", "130"], check=True, capture_output=True).stdout.decode("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder) / "report.html"
        page.write_text(html, encoding="utf-8")
        faults = check(program, page)
        for fault in faults:
            print(fault)
        for name, (old, new) in BROKEN.items():
            page.write_text(html.replace(old, new), encoding="utf-8")
            if not check(program, page):
                print(f"{name} is not noticed")
                faults.append(name)
    if not faults:
        print("the report's page is sound")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
