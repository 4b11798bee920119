"""What a sound home is: its files whole and belonging together, all that is signed in its ledger, nothing told twice."""

import functools
import hashlib
import os
import re
import subprocess


class Violation(Exception):
    """What must not be."""


def faults_of_home(home, rows, acknowledged, of_root=()):
    """What is wrong with a home with these rows in its ledger, in which the certificates `{serial: label in live/}` were acknowledged;
    those of the labels `of_root` were issued by the root itself, before the home was."""
    serials = [row["serial"] for row in rows]
    faults = [] if len(set(serials)) == len(serials) else [f"a serial is in the ledger twice: {serials}"]
    status = {row["serial"]: row["status"] for row in rows}
    live = {}
    # The first certificate makes that directory.
    for label in sorted(os.listdir(os.path.join(home, "live"))) if os.path.isdir(os.path.join(home, "live")) else []:
        try:
            # Between a root and who answers for it there is nobody.
            is_of_root = label in of_root or "/hubca-ocsp-root-" in os.path.realpath(os.path.join(home, "live", label))
            above = None if is_of_root else os.path.join(home, "issuing")
            live[label] = serial_in_force(os.path.join(home, "live", label), above)
        except (OSError, Violation) as broken:
            faults.append(f"live/{label}: {broken}")
    for serial, label in acknowledged.items():
        if status.get(serial) != "good":
            faults.append(f"the acknowledged {serial} of {label} is {status.get(serial, 'not in the ledger')}")
        if label is not None and live.get(label) != serial:
            faults.append(f"live/{label} holds {live.get(label)}, acknowledged was {serial}")
    seen = {}
    for directory, _, files in os.walk(os.path.join(home, "archive")):
        if "cert.pem" in files:
            path = os.path.join(directory, "cert.pem")
            try:
                serial = facts_of_certificate(contents(path))[1]
            except Violation as broken:
                # A generation that nothing points to may be half there: it was not acknowledged.
                if any(os.path.realpath(os.path.join(home, "live", label)) == directory for label in live):
                    faults.append(f"{path}: {broken}")
                continue
            if serial in seen:
                faults.append(f"{serial} is in {seen[serial]} and in {path}")
            seen[serial] = path
            if serial not in status:
                faults.append(f"{path} is signed, and not in the ledger")
    return faults


def readable_by_others(place):
    found = []
    for directory, directories, files in os.walk(place):
        # What a machine trusts is there for everybody.
        directories[:] = [name for name in directories if name != "machine"]
        for name in directories + files:
            path = os.path.join(directory, name)
            mode = os.lstat(path).st_mode
            if not os.path.islink(path) and mode & 0o077:
                found.append(f"{os.path.relpath(path, place)} has mode {mode & 0o7777:04o}")
    return found


def crl_numbers(home):
    """The numbers of the CRLs, each whole and of its CA."""
    numbers = {}
    for issuer, ca in (("root/1", "root/root.crt.pem"), ("issuing/1", "issuing/1/ca.crt.pem")):
        stem = os.path.join(home, "crl", issuer.replace("/", "-") + ".crl")
        told = openssl(["crl", "-inform", "DER", "-CAfile", os.path.join(home, ca), "-noout", "-crlnumber"], contents(stem))
        openssl(["crl", "-CAfile", os.path.join(home, ca), "-noout"], contents(stem + ".pem"))
        numbers[issuer] = int(re.search(rb"crlNumber=(?:0x)?([0-9A-Fa-f]+)", told).group(1), 16)
    return numbers


def serial_in_force(directory, issuing):
    """The serial of a lineage whose files are whole and belong together."""
    certificate = contents(os.path.join(directory, "cert.pem"))
    chain = contents(os.path.join(directory, "chain.pem"))
    if contents(os.path.join(directory, "fullchain.pem")) != certificate + chain:
        raise Violation("fullchain.pem is not cert.pem and chain.pem")
    # A cross-certificate may follow that of the issuing CA.
    if issuing is None and chain:
        raise Violation("chain.pem is not empty")
    if issuing is not None and not any(chain.startswith(contents(os.path.join(issuing, ordinal, "ca.crt.pem"))) for ordinal in os.listdir(issuing)):
        raise Violation("chain.pem does not begin with an issuing CA's certificate")
    public, serial = facts_of_certificate(certificate)
    if public_half(contents(os.path.join(directory, "privkey.pem"))) != public:
        raise Violation("the key is another than the certificate's")
    return serial


def contents(path):
    with open(path, "rb") as file:
        return file.read()


@functools.lru_cache(maxsize=100_000)
def facts_of_certificate(pem):
    """The public key and the serial, in lower-case hex as hubca spells it."""
    said = openssl(["x509", "-noout", "-pubkey", "-serial"], pem)
    serial = re.search(rb"^serial=([0-9A-F]+)$", said, re.MULTILINE).group(1).decode().lower()
    return re.search(rb"-----BEGIN.*?-----END[^\n]*", said, re.DOTALL).group(0), serial


@functools.lru_cache(maxsize=100_000)
def public_half(pem):
    return openssl(["pkey", "-pubout"], pem).strip()


def openssl(arguments, pem):
    ran = subprocess.run(["openssl", *arguments], input=pem, capture_output=True)
    if ran.returncode != 0:
        raise Violation(f"openssl cannot read it ({hashlib.sha256(pem).hexdigest()[:8]}): {ran.stderr.decode().strip()}")
    return ran.stdout
