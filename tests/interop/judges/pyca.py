"""Python `cryptography`'s server verifier as a judge; README.md beside this file tells what goes in and out."""

import datetime
import ipaddress
import sys

from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError


def judge(roots, above, leaf, kind, name):
    subject = x509.DNSName(name) if kind == "dns" else x509.IPAddress(ipaddress.ip_address(name))
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    verifier = PolicyBuilder().store(Store(roots)).time(now).build_server_verifier(subject)
    try:
        verifier.verify(leaf[0], above)
    except VerificationError as refused:
        return "refuses\t" + " ".join(str(refused).split())
    return "accepts"


def read(path):
    with open(path, "rb") as file:
        return x509.load_pem_x509_certificates(file.read())


def main():
    with open(sys.argv[1], encoding="utf-8") as cases:
        for line in cases:
            root, issuing, leaf, kind, name = line.rstrip("\n").split("\t")
            try:
                certificates = [read(path) for path in (root, issuing, leaf)]
            except ValueError as unreadable:
                print("refuses\tunreadable: " + " ".join(str(unreadable).split()))
                continue
            print(judge(*certificates, kind, name))


main()
