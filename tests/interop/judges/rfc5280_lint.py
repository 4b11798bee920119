"""pkilint's RFC 5280 lint and its chain lint as a judge; README.md beside this file tells what goes in and out.

Every finding of WARNING or worse is a refusal, but for the codes that the case forgives in its sixth field, and for two shapes of DNS
names that the lint calls `pkix.invalid_domain_name_syntax`:

- one label: `nas` is a host name by RFC 1034; the lint takes it for a mistake because no public CA may certify it;
- a wildcard as the whole left label of a subject alternative name: RFC 5280 4.2.1.6 leaves it to others, RFC 9525 6.3 defines it, and
  pkilint's own lint for web servers drops the finding and judges the name without its `*.`, as is done here.
"""

import functools
import os
import re
import sys

import validators
from pkilint import loader
from pkilint.bin import lint_pkix_signer_signee_cert_chain as chain_lint
from pkilint.pkix import certificate, extension, general_name, name
from pkilint.validation import ValidationFindingSeverity

SINGLE_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")

CERTIFICATE_LINT = certificate.create_pkix_certificate_validator_container(
    certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS),
    [
        certificate.create_issuer_validator_container([]),
        certificate.create_validity_validator_container(),
        certificate.create_subject_validator_container([]),
        certificate.create_extensions_validator_container([]),
        certificate.create_spki_validator_container([]),
    ],
)
DECODE = chain_lint.create_decoder_validation_container()
ISSUER_LINT = chain_lint.create_issuer_validation_container()
SUBJECT_LINT = chain_lint.create_subject_validation_container()


@functools.lru_cache(maxsize=64)
def findings_in(path):
    document = read(path)
    return tuple(findings(CERTIFICATE_LINT.validate(document.root), os.path.basename(path)))


@functools.lru_cache(maxsize=64)
def findings_between(issuer_path, subject_path):
    documents = {}
    issuer = documents["issuer"] = read(issuer_path, "issuer", documents)
    subject = documents["subject"] = read(subject_path, "subject", documents)
    results = DECODE.validate(issuer.root)
    results += DECODE.validate(subject.root)
    results += ISSUER_LINT.validate(issuer.root)
    results += SUBJECT_LINT.validate(subject.root)
    return tuple(findings(results, os.path.basename(subject_path) + " under " + os.path.basename(issuer_path)))


def findings(results, where):
    for result in results:
        for description in result.finding_descriptions:
            # The severities are numbered from the worst.
            if description.finding.severity > ValidationFindingSeverity.WARNING:
                continue
            code = description.finding.code
            message = description.message or ""
            if code == "pkix.invalid_domain_name_syntax" and (is_single_label(result.node) or is_wildcard(result.node)):
                continue
            yield code, f"{code} in {where} at {result.node.path}: {' '.join(message.split())}"


def is_single_label(node):
    return SINGLE_LABEL.fullmatch(str(node.pdu)) is not None


def is_wildcard(node):
    star, dot, rest = str(node.pdu).partition(".")
    of_leaf = not general_name.is_nameconstraints_child_node(node)
    # `*.lan` would be a wildcard over a whole top-level domain.
    return of_leaf and star + dot == "*." and "." in rest and bool(validators.domain(rest))


def read(path, document_name=None, parent=None):
    with open(path, "rb") as file:
        pem = file.read().decode("ascii")
    return loader.RFC5280CertificateDocumentLoader().load_pem_document(pem, document_name, path, parent)


def judge(root, issuing, leaf, forgiven):
    found = [
        text
        for code, text in (
            *findings_in(root),
            *findings_in(issuing),
            *findings_in(leaf),
            *findings_between(root, issuing),
            *findings_between(issuing, leaf),
        )
        if code not in forgiven
    ]
    return "refuses\t" + "; ".join(found) if found else "accepts"


def main():
    with open(sys.argv[1], encoding="utf-8") as cases:
        for line in cases:
            root, issuing, leaf, _kind, _name, forgiven = line.rstrip("\n").split("\t")
            try:
                print(judge(root, issuing, leaf, forgiven.split(",")), flush=True)
            except ValueError as unreadable:
                print("refuses\tunreadable: " + " ".join(str(unreadable).split()), flush=True)


main()
