"""Where a command can be disturbed: at which of its system calls, and how."""

import dataclasses
import random

# Everything that opens, writes, makes durable, names, locks, or makes what must be secret or unique.
KILLED_AT = [
    "openat", "write", "pwrite64", "writev", "fsync", "fdatasync", "rename", "renameat", "renameat2", "linkat", "link", "symlink",
    "symlinkat", "unlink", "unlinkat", "ftruncate", "fallocate", "mkdir", "mkdirat", "rmdir", "fchmod", "chmod", "fchmodat", "fcntl",
    "close", "flock", "getrandom",
]  # fmt: skip
NAMING = ("ENOSPC", "EIO", "EROFS", "EACCES")
WRITING = ("ENOSPC", "EIO", "EINTR")
SYNCING = ("ENOSPC", "EIO", "EROFS", "EINTR")
REMOVING = ("EIO", "EROFS", "EACCES")
# What each call can answer with, by its manual page. `close` is not among them: Linux has closed the file whatever it answers, and an
# answer of strace's leaves it open. And of `fcntl` only a copy of a descriptor can want for one, which strace does not tell from a lock.
FAILING = {
    "openat": ("ENOSPC", "EIO", "EROFS", "EMFILE", "EACCES", "EINTR"),
    "read": ("EIO", "EINTR"), "pread64": ("EIO", "EINTR"),
    "write": WRITING, "pwrite64": WRITING, "writev": WRITING, "ftruncate": WRITING, "fallocate": WRITING,
    "fsync": SYNCING, "fdatasync": SYNCING,
    "rename": NAMING, "renameat": NAMING, "renameat2": NAMING, "linkat": NAMING, "link": NAMING, "symlink": NAMING, "symlinkat": NAMING,
    "mkdir": NAMING, "mkdirat": NAMING,
    "unlink": REMOVING, "unlinkat": REMOVING, "rmdir": REMOVING, "chmod": REMOVING, "fchmodat": REMOVING, "fchmod": ("EIO", "EROFS"),
    "fcntl": ("EACCES", "EINTR"), "flock": ("EINTR",), "getrandom": ("EINTR",),
    "pipe2": ("EMFILE",), "socket": ("EMFILE",),
}  # fmt: skip
# A disk that is full stays full, one that was made read-only stays so, and a process without descriptors gets none.
LASTING = ("ENOSPC", "EROFS", "EMFILE")
CALLS = [*dict.fromkeys([*KILLED_AT, *FAILING])]


@dataclasses.dataclass(frozen=True)
class Point:
    """One disturbance: `what` is done to the `number`-th `call`, and to those after it if `onward`."""

    command: str
    call: str
    number: int
    what: str
    onward: bool = False

    def inject(self):
        plus = "+" if self.onward else ""
        return f"inject={self.call}:{self.what}:when={self.number}{plus}"

    def kind(self):
        return "killed" if self.what == "signal=KILL" else self.what.removeprefix("error=")

    def __str__(self):
        return f"{self.command}: {self.inject()}"


def series(counts, command, only_call=None):
    """The points of a command that makes each call so many times, in series that each count upwards."""
    for call in CALLS:
        if only_call not in (None, call) or not counts.get(call):
            continue
        ways = [("signal=KILL", False)] if call in KILLED_AT else []
        for error in FAILING.get(call, ()):
            ways += [(f"error={error}", onward) for onward in (False, True) if not onward or error in LASTING]
        for what, onward in ways:
            yield [Point(command, call, number, what, onward) for number in range(1, counts[call] + 1)]


def spread(all_series, limit):
    """So many points: of each call of each command as many that are killed, and as many that fail, wherever it has so many."""
    strata = {}
    for points in all_series:
        first = points[0]
        strata.setdefault((first.command, first.call, first.kind() == "killed"), []).extend(points)
    chosen, left = [], limit
    for number, (name, points) in enumerate(sorted(strata.items(), key=lambda stratum: len(stratum[1]))):
        share = min(len(points), -(-left // (len(strata) - number)))
        left -= share
        # The same ones each time, so that what is found is found again.
        chosen += random.Random(str(name)).sample(points, share)
    return chosen
