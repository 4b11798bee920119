"""Reads the CRLs of a home with `cryptography`: signatures, what is revoked, and what is not."""

import sys
from pathlib import Path

from cryptography import x509

home = Path(sys.argv[1])


def certificate(name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((home / name).read_bytes())


for name, ca in [("issuing-1", "issuing/1/ca.crt.pem"), ("root-1", "root/root.crt.pem")]:
    crl = x509.load_der_x509_crl((home / f"crl/{name}.crl").read_bytes())
    issuer = certificate(ca)
    assert crl.is_signature_valid(issuer.public_key()), name
    assert crl.issuer.public_bytes() == issuer.subject.public_bytes(), name
    identifier = crl.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert identifier == issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest, name
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number > 1_700_000_000_000, name

issuing = x509.load_der_x509_crl((home / "crl/issuing-1.crl").read_bytes())
assert issuing.get_revoked_certificate_by_serial_number(certificate("live/good.lan/cert.pem").serial_number) is None
revoked = issuing.get_revoked_certificate_by_serial_number(certificate("live/bad.lan/cert.pem").serial_number)
assert revoked.extensions.get_extension_for_class(x509.CRLReason).value.reason == x509.ReasonFlags.key_compromise
