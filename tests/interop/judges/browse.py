"""Headless Chromium as a judge; README.md beside this file tells what goes in and out. A case has a sixth field here, the leaf's key.

    browse.py CASES CHROMIUM

The browser's one proxy is this program, and it answers every host itself, with the chain of the case that the port stands for:
nothing leaves the machine, whatever address a certificate names. `fetch` in a page then says whether Chromium took the chain.
"""

import json
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

FIRST_PORT = 20_000
PATIENCE = 90.0
SUPPORT = pathlib.Path(__file__).parents[2] / "support"
FLAGS = [
    *(SUPPORT / "chromium.flags").read_text(encoding="ascii").split(),
    "--headless",
    # Whether a page may reach into a private network is another question than whether the certificate is good.
    "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",
]

PAGE = """<!doctype html><title>judge</title><script>
const cases = %s;
(async () => {
  for (const [number, url] of cases) {
    let verdict = "accepts";
    try { await fetch(url, {mode: "no-cors", cache: "no-store"}); }
    catch (refused) { verdict = "refuses"; }
    await fetch("/verdict/" + number + "/" + verdict, {method: "POST"});
  }
  await fetch("/done", {method: "POST"});
})();
</script>"""


class Case:
    def __init__(self, line):
        self.root, issuing, leaf, self.kind, self.name, key = line.rstrip("\n").split("\t")
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as chain:
            for path in (leaf, issuing):
                with open(path, encoding="ascii") as file:
                    chain.write(file.read())
            chain.flush()
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(chain.name, key)
        self.connected = False
        self.served = False
        self.alert = ""
        self.verdict = None

    def host(self):
        return f"[{self.name}]" if ":" in self.name else self.name

    def answer(self):
        if not self.connected or self.verdict is None:
            sys.exit(f"no verdict about {self.name}: Chromium did not come for it")
        if (self.verdict == "accepts") != self.served:
            sys.exit(f"about {self.name} the page says {self.verdict}, the server saw {self.served}")
        return "accepts" if self.served else "refuses\t" + (self.alert or "the handshake was given up")


class Proxy:
    def __init__(self, cases):
        self.cases = cases
        self.done = threading.Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            peer, _ = self.socket.accept()
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        peer.settimeout(20)
        try:
            with peer:
                request = self.head(peer)
                method, target, _ = request.split(" ", 2)
                if method == "CONNECT":
                    self.tunnel(peer, target)
                else:
                    self.page(peer, target)
        except (OSError, ValueError):
            pass

    @staticmethod
    def head(peer):
        received = b""
        while b"\r\n\r\n" not in received:
            more = peer.recv(4096)
            if not more:
                raise ValueError("closed")
            received += more
        return received.decode("latin-1")

    def tunnel(self, peer, target):
        number = int(target.rsplit(":", 1)[1]) - FIRST_PORT
        if not 0 <= number < len(self.cases):
            peer.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        case = self.cases[number]
        case.connected = True
        peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            with case.context.wrap_socket(peer, server_side=True) as tls:
                self.head(tls)
                case.served = True
                tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        except ssl.SSLError as refused:
            case.alert = refused.reason or str(refused)

    def page(self, peer, target):
        path = "/" + target.split("/", 3)[3]
        body = ""
        if path.startswith("/verdict/"):
            _, _, number, verdict = path.split("/")
            self.cases[int(number)].verdict = verdict
        elif path == "/done":
            self.done.set()
        else:
            urls = [[n, f"https://{case.host()}:{FIRST_PORT + n}/"] for n, case in enumerate(self.cases)]
            body = PAGE % json.dumps(urls)
        answer = body.encode()
        peer.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"
            + f"Content-Length: {len(answer)}\r\n\r\n".encode()
            + answer
        )


def trust(home, root):
    database = "sql:" + os.path.join(home, ".pki", "nssdb")
    os.makedirs(database.removeprefix("sql:"))
    subprocess.run(["certutil", "-N", "--empty-password", "-d", database], check=True, stdout=sys.stderr)
    with open(root, encoding="ascii") as file:
        roots = re.findall("-----BEGIN.*?-----END[^\n]*\n", file.read(), re.DOTALL)
    # One at a time: certutil takes the first of a file.
    for number, text in enumerate(roots):
        command = ["certutil", "-A", "-n", f"root {number}", "-t", "C,,", "-a", "-d", database]
        subprocess.run(command, input=text.encode(), check=True, stdout=sys.stderr)


def browse(cases, root, chromium):
    proxy = Proxy(cases)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        trust(home, root)
        browser = subprocess.Popen(
            [
                # Ends by itself even where this program is killed.
                "timeout",
                "--signal=KILL",
                "600",
                chromium,
                *FLAGS,
                f"--user-data-dir={home}/profile",
                f"--proxy-server=http://127.0.0.1:{proxy.port}",
                # Without this Chromium would go to loopback names by itself.
                "--proxy-bypass-list=<-loopback>",
                # Keeps it alive after the page is loaded.
                "--remote-debugging-port=0",
                "http://judge.test/",
            ],
            env={"HOME": home, "PATH": os.environ["PATH"]},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            finished = proxy.done.wait(PATIENCE)
        finally:
            os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()
            # Its helpers may write for a moment after they were told to die.
            time.sleep(0.1)
    if not finished:
        sys.exit(f"Chromium gave no full answer in {PATIENCE} s")


def main():
    with open(sys.argv[1], encoding="utf-8") as lines:
        cases = [Case(line) for line in lines]
    # A browser for each root: a root that another case trusts must not help this one.
    for root in sorted({case.root for case in cases}):
        browse([case for case in cases if case.root == root], root, sys.argv[2])
    for case in cases:
        print(case.answer())


main()
