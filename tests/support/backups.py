"""Backups of a home that are taken while others work in it, and what must be true of the homes that they become."""

import concurrent.futures
import contextlib
import functools
import os
import random
import shutil
import subprocess
import threading
import time

from sound_home import Violation, crl_numbers, faults_of_home
from trial import Home

KEYS = ["--with-root-key", "--with-leaf-keys"]
ISSUERS_AT_ONCE = 4
RESTORES_AT_ONCE = 2


class Backup:
    """What was acknowledged before it was begun, and the head of the log that it has."""

    def __init__(self, path, known):
        self.path, self.head = path, None
        with known.lock:
            self.labels, self.revoked = dict(known.labels), set(known.revoked)


class Backups:
    """Those of a trial's home, beside it."""

    def __init__(self, trial):
        self.trial, self.beside = trial, os.path.dirname(trial.home)
        self.directory, self.secret = os.path.join(self.beside, "backups"), os.path.join(self.beside, "secret")
        self.begun, self.sealed = 0, []
        os.mkdir(self.directory, 0o700)
        with open(os.open(self.secret, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
            file.write("crowded and sealed\n")

    def take_until(self, over, chance):
        """Begins one each second, whether or not those before have ended."""
        began, taking = time.monotonic(), []
        while not over.is_set():
            if any(before.is_alive() for before in taking):
                self.trial.tally.count("backups begun while another was made")
            what = (functools.partial(self.take, self.next()), over, random.Random(chance.random()))
            taking.append(threading.Thread(target=self.trial.watched, args=what))
            taking[-1].start()
            over.wait(max(0.0, began + len(taking) - time.monotonic()))
        for taken in taking:
            taken.join()
        self.trial.tally.count("backups begun", len(taking))

    def take(self, backup, over, chance):
        self.trial.take(over, chance, lambda said: self.seal(backup, said), "backup", backup.path, *KEYS, *self.opened())

    def next(self):
        self.begun += 1
        return Backup(os.path.join(self.directory, f"{self.begun:04}.tar.age"), self.trial.known)

    def seal(self, backup, said):
        backup.head = said["audit"]["head"]
        self.sealed.append(backup)

    def opened(self):
        return ["--backup-passphrase-file", self.secret]

    def faults(self, most=None):
        """What is wrong with those that were taken, or so many of them; they are gone afterwards."""
        last = self.next()
        self.seal(last, self.trial.must("backup", last.path, *KEYS, *self.opened()))
        # What a killed one has left, the next one took away.
        faults = [f"{name} was left among the backups" for name in os.listdir(self.directory) if name.startswith(".")]
        every = max(1, -(-len(self.sealed) // (most or len(self.sealed))))
        with concurrent.futures.ThreadPoolExecutor(RESTORES_AT_ONCE) as pool:
            for found in pool.map(self.faults_of, self.sealed[::-every]):
                faults += found
        for name in os.listdir(self.directory):
            os.unlink(os.path.join(self.directory, name))
        self.sealed.clear()
        return faults

    def faults_of(self, backup):
        """What is wrong with the home that one becomes."""
        name = os.path.basename(backup.path)
        try:
            with self.restored(backup) as home:
                found = faults_of_restored(home, backup)
        except Violation as violation:
            found = [str(violation)]
        self.trial.tally.count("backups restored")
        return [f"{name}: {fault}" for fault in found]

    @contextlib.contextmanager
    def restored(self, backup):
        home = Home(self.trial.program, os.path.join(self.beside, f"restored-{os.path.basename(backup.path)}"))
        try:
            home.must("restore", backup.path, *self.opened())
            yield home
        finally:
            shutil.rmtree(home.home, ignore_errors=True)

    def keep(self):
        """One that stays, for what is issued after it."""
        kept = Backup(os.path.join(self.beside, "kept.tar.age"), self.trial.known)
        kept.head = self.trial.must("backup", kept.path, *KEYS, *self.opened())["audit"]["head"]
        return kept

    def faults_of_issues_after(self, backup, number):
        """Whether any of so many that are issued after a restore is one of those that were issued after the backup."""
        everything = {row["serial"] for row in self.trial.must("list", "--all")}
        numbers = crl_numbers(self.trial.home)
        with self.restored(backup) as home:
            lost = everything - {row["serial"] for row in home.must("list", "--all")}
            serials = issue_at_once(home, number)
            faults = [f"{serial} was issued after the backup, and again after the restore" for serial in serials if serial in lost]
            if len(set(serials)) != number:
                faults.append(f"of {number} serials after the restore {len(set(serials))} are distinct")
            home.must("crl")
            after = crl_numbers(home.home)
            faults += [f"the CRL of {issuer} has number {after[issuer]} after the restore, and had {was}" for issuer, was in numbers.items() if after[issuer] <= was]
            home.must("audit", "verify")
        self.trial.tally.count("issued after the backup that was restored then", len(lost))
        self.trial.tally.count("issued after that restore", len(serials))
        return faults


def faults_of_restored(home, backup):
    faults = []
    home.must("audit", "verify", "--head", backup.head)
    rows = home.must("list", "--all")
    status = {row["serial"]: row["status"] for row in rows}
    for serial, label in backup.labels.items():
        wanted = ("revoked",) if serial in backup.revoked else ("good", "revoked")
        if status.get(serial) not in wanted:
            faults.append(f"{serial} of {label} was acknowledged before, and is {status.get(serial, 'not there')}, not {wanted[0]}")
    faults += refused(home.home) + faults_of_home(home.home, rows, {})
    home.must("issue", "--dns", "after-the-restore.lan")
    home.must("renew")
    return faults + [f"a second `renew` still finds {left}" for left in home.must("renew")]


def refused(home):
    """The certificates in force that openssl does not take from whoever trusts the root."""
    live = os.path.join(home, "live")
    paths = [os.path.join(live, label, "cert.pem") for label in os.listdir(live) if not label.startswith(("hubca-ocsp-", "."))]
    line = ["openssl", "verify", "-x509_strict", "-CAfile", os.path.join(home, "root", "root.crt.pem")]
    ran = subprocess.run([*line, "-untrusted", os.path.join(home, "issuing", "1", "ca.crt.pem"), *paths], capture_output=True, text=True)
    return [line for line in ran.stderr.splitlines() if line.startswith("error")] if ran.returncode else []


def issue_at_once(home, number):
    """The serials of so many certificates, by several processes."""
    share, serials = number // ISSUERS_AT_ONCE, []

    def issue(worker):
        path = os.path.join(os.path.dirname(home.home), f"batch-{worker}.csv")
        with open(path, "w", encoding="ascii") as file:
            file.write("label,ip,dns,days,profile\n")
            file.writelines(f",,again-{worker}-{row}.lan,,\n" for row in range(share))
        serials.extend(entry["serial"] for entry in home.must("issue", "--batch", path))

    with concurrent.futures.ThreadPoolExecutor(ISSUERS_AT_ONCE) as pool:
        list(pool.map(issue, range(ISSUERS_AT_ONCE)))
    return serials
