"""A home in which several workers are busy at once, and what must be true of it after whatever befell them."""

import json
import os
import random
import signal
import subprocess
import tempfile
import threading
import time

from sound_home import Violation, contents, crl_numbers, faults_of_home, openssl, serial_in_force

PATIENCE = 120


class Acknowledged:
    """What commands said they had done."""

    def __init__(self):
        self.lock = threading.Lock()
        # The label of each serial, those revoked, and the hook remembered of each label.
        self.labels, self.revoked, self.hooks = {}, set(), {}
        # Those for keys that are elsewhere.
        self.signed = set()
        # Those that somebody set out to revoke, whatever came of it; and when each revocation was acknowledged.
        self.doubted, self.revoked_at = set(), {}
        # Labels that somebody edits, or edited when an end came: what is remembered of them may be the old or the new.
        self.doubtful_hooks = set()
        self.crl_numbers, self.acts = {}, 0

    def certificate(self, said):
        with self.lock:
            self.acts += 1
            self.labels[said["serial"]] = said["label"]

    def signature(self, said):
        with self.lock:
            self.acts += 1
            self.signed.add(said["serial"])

    def revocation(self, serial, said):
        with self.lock:
            self.revoked.add(serial)
            self.revoked_at[serial] = time.monotonic()
        self.crls(said.get("crls", []))

    def crls(self, crls):
        with self.lock:
            self.acts += 1
            for made in crls:
                self.crl_numbers[made["issuer"]] = max(made["number"], self.crl_numbers.get(made["issuer"], 0))


class Home:
    """A home, and commands in it."""

    def __init__(self, program, home):
        self.program, self.home = os.path.abspath(program), home

    def line_of(self, *arguments):
        """The words of a command and what it finds in its environment."""
        environment = {"PATH": os.environ["PATH"], "HOME": os.path.dirname(self.home), "LANG": "C.UTF-8"}
        return [self.program, "--home", self.home, "--json", *arguments], environment

    def run(self, *arguments, killed_after=None):
        line, environment = self.line_of(*arguments)
        process = subprocess.Popen(
            line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd="/"
        )
        try:
            out, errors = process.communicate(timeout=PATIENCE if killed_after is None else killed_after)
        except subprocess.TimeoutExpired:
            process.kill()
            out, errors = process.communicate()
        return subprocess.CompletedProcess(line, process.returncode, out, errors)

    def must(self, *arguments):
        answer = self.run(*arguments)
        if answer.returncode != 0:
            raise Violation(f"`{' '.join(arguments)}` ends with {answer.returncode}: {answer.stderr.decode(errors='replace').strip()}")
        return json.loads(answer.stdout)


class Trial(Home):
    """One home through many disturbances."""

    def __init__(self, program, home, chance, tally):
        super().__init__(program, home)
        self.chance, self.tally = chance, tally
        self.known = Acknowledged()
        self.made = 0
        # One in so many commands is killed.
        self.kill_one_in = None
        # Whether an answer counts that comes after the end was begun. After a power cut there is nobody who could give one.
        self.late_answers_count = True
        self.request = request()
        self.must("init", "--name", "Dark Hub", "--no-passphrase")

    def work_until(self, over, workers):
        """Starts the workers, who go on until `over`."""
        threads = [threading.Thread(target=self.work, args=(over, random.Random(self.chance.random()))) for _ in range(workers)]
        for thread in threads:
            thread.start()
        return threads

    def work(self, over, chance):
        acts = [(self.issue, 6), (self.issue_again, 3), (self.batch, 1), (self.sign, 1), (self.renew, 1), (self.revoke, 2), (self.edit, 2), (self.crl, 1)]
        while not over.is_set():
            act = chance.choices([act for act, _ in acts], [often for _, often in acts])[0]
            if not self.watched(act, over, chance):
                return

    def watched(self, act, over, chance):
        """Does something. A trial that stumbles must not pass for a clean one."""
        try:
            act(over, chance)
        except Exception as error:
            self.tally.fault(f"the trial itself failed: {error!r}")
            return False
        return True

    def issue(self, over, chance):
        self.take(over, chance, self.known.certificate, "issue", "--dns", self.new_name())

    def batch(self, over, chance):
        names = [self.new_name() for _ in range(3)]
        with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
            file.write("label,ip,dns,days,profile\n" + "".join(f",,{name},,\n" for name in names))
            file.flush()
            self.take(over, chance, lambda said: [self.known.certificate(one) for one in said], "issue", "--batch", file.name)

    def sign(self, over, chance):
        self.take(over, chance, self.known.signature, "sign", self.request.name)

    def new_name(self):
        with self.known.lock:
            self.made += 1
            return f"host-{self.made}.lan"

    def issue_again(self, over, chance):
        label = self.any_label(chance)
        if label:
            self.take(over, chance, self.known.certificate, "issue", "--dns", label)

    def renew(self, over, chance):
        label = self.any_label(chance)
        if label:
            note = lambda said: [self.known.certificate(one["certificate"]) for one in said if one["outcome"] == "renewed"]
            self.take(over, chance, note, "renew", "--force", label)

    def revoke(self, over, chance):
        with self.known.lock:
            good = [serial for serial in self.known.labels if serial not in self.known.revoked]
        if good:
            serial = chance.choice(good)
            self.known.doubted.add(serial)
            self.take(over, chance, lambda said: self.known.revocation(serial, said), "revoke", serial, "--reason", "superseded")

    def edit(self, over, chance):
        label = self.any_label(chance)
        with self.known.lock:
            if not label or label in self.known.doubtful_hooks:
                return
            self.known.doubtful_hooks.add(label)
        note = lambda said: self.known.hooks.__setitem__(label, said["after"]["hook"])
        if self.take(over, chance, note, "edit", label, "--hook", f"true {chance.randrange(1 << 30)}"):
            with self.known.lock:
                self.known.doubtful_hooks.discard(label)

    def crl(self, over, chance):
        self.take(over, chance, self.known.crls, "crl")

    def any_label(self, chance):
        with self.known.lock:
            labels = sorted(set(self.known.labels.values()))
        return chance.choice(labels) if labels else None

    def take(self, over, chance, acknowledge, *arguments):
        """Runs a command and writes down what it says it did."""
        is_killed = self.kill_one_in is not None and chance.randrange(self.kill_one_in) == 0
        answer = self.run(*arguments, killed_after=chance.uniform(0.0, 0.15) if is_killed else None)
        if answer.returncode == 0:
            if over.is_set() and not self.late_answers_count:
                return False
            acknowledge(json.loads(answer.stdout))
            return True
        told = answer.stderr.decode(errors="replace").strip()
        if is_killed and answer.returncode == -signal.SIGKILL:
            self.tally.killed()
        elif "panicked" in told or answer.returncode != 1:
            self.tally.fault(f"`{' '.join(arguments)}` ends with {answer.returncode}: {told}")
        elif not over.is_set() and not may_refuse(told):
            self.tally.fault(f"`{' '.join(arguments)}` fails, and nothing was wrong: {told}")
        return False

    def judge(self):
        """What is wrong with the home, now that nobody works in it."""
        try:
            return self.faults_of_what_is_known() + self.faults_of_what_comes_next()
        except Violation as violation:
            return [str(violation)]

    def faults_of_what_is_known(self):
        known, faults = self.known, []
        status = {row["serial"]: row["status"] for row in self.must("list", "--all")}
        for serial, label in known.labels.items():
            wanted = ("revoked",) if serial in known.revoked else ("good", "revoked")
            if status.get(serial) not in wanted:
                faults.append(f"the acknowledged {serial} of {label} is {status.get(serial, 'not in the ledger')}, not {wanted[0]}")
        faults += [f"the acknowledged {serial} is {status.get(serial, 'not in the ledger')}" for serial in known.signed if status.get(serial) != "good"]
        for label in sorted(set(known.labels.values())):
            shown, generations = self.must("show", label), self.whole_generations(label)
            for serial in (serial for serial, of in known.labels.items() if of == label):
                if serial not in generations:
                    faults.append(f"the files of the acknowledged {serial} of {label} are not whole")
                elif generations[serial] > shown["generation"]:
                    faults.append(f"{label} is in generation {shown['generation']}, and {generations[serial]} was acknowledged")
            if label in known.hooks and label not in known.doubtful_hooks and shown["intent"]["hook"] != known.hooks[label]:
                faults.append(f"{label} has the hook {shown['intent']['hook']}, and {known.hooks[label]} was acknowledged")
        known.doubtful_hooks.clear()
        known.hooks.clear()
        for issuer, number in crl_numbers(self.home).items():
            if number < known.crl_numbers.get(issuer, 0):
                faults.append(f"the CRL of {issuer} has number {number}, and {known.crl_numbers[issuer]} was acknowledged")
        return faults

    def whole_generations(self, label):
        """The generation of each serial whose files are all there and belong together."""
        found, directory = {}, os.path.join(self.home, "archive", label)
        for generation in os.listdir(directory):
            try:
                found[serial_in_force(os.path.join(directory, generation), os.path.join(self.home, "issuing"))] = int(generation)
            except (OSError, Violation):
                # One that nobody was told of may be half there.
                pass
        return found

    def faults_of_what_comes_next(self):
        """The next commands finish what was begun, without a repair."""
        self.must("renew")
        faults = [f"a second `renew` still finds {left}" for left in self.must("renew")]
        for made in self.must("crl"):
            issuer, number = made["issuer"], made["number"]
            if number <= self.known.crl_numbers.get(issuer, 0):
                faults.append(f"the CRL of {issuer} gets number {number}, and {self.known.crl_numbers[issuer]} was acknowledged")
            self.known.crl_numbers[issuer] = number
        crl = openssl(["crl", "-noout", "-text"], contents(os.path.join(self.home, "crl", "issuing-1.crl.pem"))).decode()
        listed = {line.split()[-1].lower() for line in crl.splitlines() if line.strip().startswith("Serial Number:")}
        faults += [f"{serial} was revoked, and is in no CRL" for serial in self.known.revoked if serial not in listed]
        return faults + faults_of_home(self.home, self.must("list", "--all"), {})


def request():
    """A request by somebody who keeps the key, in a file that is gone with whoever holds it."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "/dev/null"]
    file = tempfile.NamedTemporaryFile(suffix=".csr")
    file.write(openssl(["req", "-new", *key, "-subj", "/CN=elsewhere.lan", "-addext", "subjectAltName=DNS:elsewhere.lan"], b""))
    file.flush()
    return file


def may_refuse(told):
    """Two workers revoke one certificate, or one renews what the other revokes."""
    return any(words in told for words in ("already revoked", "was revoked", "is revoked"))


class Tally:
    """What was counted, and what was wrong."""

    def __init__(self):
        self.lock = threading.Lock()
        self.disturbances, self.acts, self.kills, self.faults, self.counts = 0, 0, 0, [], {}
        self.started = time.monotonic()

    def add(self, trial):
        self.disturbances += 1
        for fault in trial.judge():
            self.fault(f"after disturbance {self.disturbances}: {fault}")
        self.acts += trial.known.acts
        trial.known.acts = 0

    def count(self, what, number=1):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + number

    def killed(self):
        with self.lock:
            self.kills += 1

    def fault(self, fault):
        with self.lock:
            self.faults.append(fault)
        print(f"VIOLATION {fault}", flush=True)

    def report(self, what):
        seconds = time.monotonic() - self.started
        for counted, number in self.counts.items():
            print(f"{number} {counted}")
        print(f"{what}, {self.acts} acknowledged acts in {seconds:.0f} s, {len(self.faults)} violations")
        if self.acts == 0:
            print("nothing was acknowledged: that shows nothing")
        return 1 if self.faults or self.acts == 0 else 0
