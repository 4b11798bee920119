# The far end: a POSIX shell reads these lines first, and then one call after the other. Every answer ends with a line of its status
# and the mark, which no program there is told.
answered() { printf '\n%s %s\n' "$?" "$mark"; }

# Who we are there, and what the surroundings say.
surroundings() {
    printf '%s\000' "$(id -u)" "$(uname -s)" "${HOME-}" "${PATH-}" "${JAVA_HOME-}"
}

# What lies at each path, symbolic links followed: a letter for each.
look() {
    for path; do
        if [ -f "$path" ] && [ -x "$path" ]; then
            printf x
        elif [ -f "$path" ]; then
            printf f
        elif [ -d "$path" ]; then
            printf d
        elif [ -e "$path" ]; then
            printf s
        else
            printf n
        fi
    done
}

# What is in a file.
content() {
    if [ ! -e "$1" ]; then
        return "$missing"
    elif [ ! -f "$1" ]; then
        return "$no_file"
    elif [ ! -r "$1" ]; then
        return "$shut"
    fi
    cat <"$1"
}

# The names in a directory.
names() {
    if [ ! -d "$1" ]; then
        return "$missing"
    elif [ ! -r "$1" ]; then
        return "$shut"
    fi
    for name in "$1"/* "$1"/.[!.]* "$1"/..?*; do
        if [ -e "$name" ] || [ -L "$name" ]; then
            printf '%s\000' "${name##*/}"
        fi
    done
}

# A path without symbolic links in it.
resolved() {
    if [ ! -e "$1" ]; then
        return "$missing"
    fi
    readlink -f "$1"
}

# Whose something is.
owner() {
    if [ ! -e "$1" ]; then
        return "$missing"
    fi
    ls -ldnL "$1"
}

# The answer of a program, and after a zero octet the last of what it complained of, at most so many octets.
asked() {
    most=$1
    shift
    { said=$("$@" 2>&1 >&3 3>&-); } 3>&1
    set -- "$?"
    printf '\000'
    printf %s "$said" | tail -c "$most"
    return "$1"
}

cd /
