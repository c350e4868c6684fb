# shellcheck shell=bash
# Functions that the scripts source.

# Prints a line of the script itself among the output of other programs.
note() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# Prints why the script ends, and ends it.
die() {
    note "$*"
    exit 1
}

# Changes to the folder that keeps downloads for the next run (crates/testbed reads them), and locks it: two runs at the
# same time would unpack into the same folders.
enter_cache() {
    local cache=${DOCKERUTILS_TESTBED:-${XDG_CACHE_HOME:-$HOME/.cache}/dockerutils-testbed}
    mkdir -p "$cache"
    cd "$cache" || exit
    exec 9>lock
    flock 9
}

# Prints the address and the code name of the Debian archive that apt is configured for.
debian_archive() {
    # shellcheck disable=SC2016 # apt-get's own placeholders
    apt-get indextargets --format '$(LABEL) $(COMPONENT) $(REPO_URI) $(CODENAME)' 'Created-By: Packages' |
        awk '$1 == "Debian" && $2 == "main" && $4 !~ /-/ { print $3, $4; exit }' | grep .
}

# Succeeds if the docker on PATH reaches an engine.
engine_is_reachable() { docker info >/dev/null 2>&1; }
