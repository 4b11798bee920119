# The first shell there reads these lines, and the last of them starts another one like it, which reads whatever comes then. What that
# one and its programs say goes through a relay. When the connection is gone the relay listens on: a program that writes a store anew
# and says so comes to its end, and is not ended in the middle by its next word.
trap '' HUP
{ printf '%s\n' "$mark"; exec "$0"; } | { trap '' PIPE; cat 2>/dev/null; cat >/dev/null; }; exit
