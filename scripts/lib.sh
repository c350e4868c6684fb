# shellcheck shell=bash
# What the scripts share. Sourced, never run.

# A line of our own among the output of other programs.
say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# The end, and why.
die() {
    say "$*"
    exit 1
}

# Goes where downloads are kept for the next run (crates/testkit looks there too), and lets one run in at a time.
enter_cache() {
    local cache=${DOCKERUTILS_TESTBED:-${XDG_CACHE_HOME:-$HOME/.cache}/dockerutils-testbed}
    mkdir -p "$cache"
    cd "$cache" || exit
    exec 9>lock
    flock 9
}

# The Debian archive that apt is set up for: its address, and the code name of what is installed from it.
debian_archive() {
    # shellcheck disable=SC2016 # apt-get's own placeholders
    apt-get indextargets --format '$(LABEL) $(COMPONENT) $(REPO_URI) $(CODENAME)' 'Created-By: Packages' |
        awk '$1 == "Debian" && $2 == "main" && $4 !~ /-/ { print $3, $4; exit }' | grep .
}

# Whether an engine answers the docker on PATH.
engine_answers() { docker info >/dev/null 2>&1; }
