"""Reads a mail with Python's parser of mail and prints what a mail program would make of it, as JSON."""

import email
import email.policy
import hashlib
import json
import sys

with open(sys.argv[1], "rb") as file:
    mail = email.message_from_binary_file(file, policy=email.policy.default)
parts = [part for part in mail.walk() if not part.is_multipart()]
json.dump(
    {
        "defects": [str(defect) for part in mail.walk() for defect in part.defects],
        "headers": [[name, str(value)] for name, value in mail.items()],
        "to": [address.addr_spec for address in mail["to"].addresses],
        "text": mail.get_body(("plain",)).get_content(),
        "html": mail.get_body(("html",)).get_content(),
        "attachments": [
            [part.get_content_type(), part.get_filename(), hashlib.sha256(part.get_content()).hexdigest()]
            for part in mail.iter_attachments()
        ],
        "parts": [part.get_content_type() for part in parts],
    },
    sys.stdout,
)
