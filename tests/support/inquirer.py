"""Somebody who asks a home's responder about its certificates while others work there."""

import json
import os
import re
import signal
import subprocess
import time

# Within which a revocation is in every answer, in seconds: docs/ocsp.md.
TOLD_WITHIN = 1.0


class Inquirer:
    """`ocsp serve` at a trial's home, which is killed and started again, and one who asks it and judges what it says."""

    def __init__(self, trial):
        self.trial, self.known, self.tally = trial, trial.known, trial.tally

    def ask_until(self, over, chance):
        while not over.is_set():
            responder, url = self.start()
            until = time.monotonic() + chance.uniform(1.0, 4.0)
            while not over.is_set() and time.monotonic() < until:
                self.ask(url, chance)
            self.stop(responder, signal.SIGTERM if over.is_set() else signal.SIGKILL)

    def start(self):
        line, environment = self.trial.line_of("ocsp", "serve", "--bind", "127.0.0.1:0")
        responder = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environment, cwd="/", text=True)
        for line in responder.stdout:
            said = json.loads(line)
            if said["event"] == "started":
                return responder, said["address"]
        raise RuntimeError(f"`ocsp serve` ends with {responder.wait()} before it is ready")

    def stop(self, responder, how):
        responder.send_signal(how)
        said = [json.loads(line) for line in responder.stdout.read().splitlines()]
        responder.stdout.close()
        responder.wait()
        if how == signal.SIGKILL:
            self.tally.killed()
        elif responder.returncode != 0 or said[-1].get("errors") != 0:
            self.tally.fault(f"the responder ends with {responder.returncode} and says {said[-1:]}")

    def ask(self, url, chance):
        """One question about one that was acknowledged; who is at work in between may make either answer right."""
        with self.known.lock:
            asked = sorted(self.known.labels)
        if not asked:
            time.sleep(0.05)
            return
        serial = chance.choice(asked)
        told_for = time.monotonic() - self.known.revoked_at.get(serial, time.monotonic())
        issuing, root = os.path.join(self.trial.home, "issuing", "1", "ca.crt.pem"), os.path.join(self.trial.home, "root", "root.crt.pem")
        line = ["openssl", "ocsp", "-url", url, "-CAfile", root, "-issuer", issuing, "-serial", f"0x{serial}"]
        ran = subprocess.run([*line, *chance.choice([[], ["-no_nonce"]])], capture_output=True, text=True)
        answer = (re.search(r"^0x\w+: (\w+)$", ran.stdout, re.MULTILINE) or [None, ran.stdout + ran.stderr])[1]
        allowed = {"revoked"} if told_for > TOLD_WITHIN else {"good", "revoked"} if serial in self.known.doubted else {"good"}
        if "Response verify OK" not in ran.stderr or answer not in allowed:
            self.tally.fault(f"of {serial} the responder says {answer}, and it is {' or '.join(sorted(allowed))}: {ran.stderr.strip()}")
        self.tally.count("questions answered by the responder")
