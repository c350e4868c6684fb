#!/usr/bin/env bash
# Fetches what the tests with real engines need besides installed packages, once:
#
#   docker-26/   Docker 26 with buildx from Debian 13, unpacked, not installed
#   python.tar   a small Debian with python3 and venv, in place of the base image python:3.12-slim
#   jupyter.tar  the same with JupyterLab, in place of an image with Jupyter
#   classic.tar  the same with Jupyter Notebook 6 and jupyter_server 1, in place of an older image
#   moto/        moto, a stand-in for AWS, and Amazon's own aws, in a virtual environment
#   cloud-init/  cloud-init of this Debian, unpacked, not installed, which checks what instances are started with
#
# They are kept in $DOCKERUTILS_TESTBED, by default ~/.cache/dockerutils-testbed. Only root can use them, and they come from
# a Debian archive: on other systems, and for other users, the tests that need them can only be ignored.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=scripts/lib.sh
. ./lib.sh

SUITE_26=trixie
PACKAGES_26=(docker.io docker-cli docker-buildx containerd)
# moto's extra `server` installs a hundred packages for services that no test uses; these are enough for its server.
MOTO=(moto==5.2.5 docker==7.2.0 flask==3.1.3 flask-cors==6.0.5 awscli==1.46.3)
# What cloud-init imports; Debian's own packages of these would be installed for the system's python.
CLOUD_INIT=(configobj==5.0.9 jsonpatch==1.33 jsonschema==4.25.1 oauthlib==3.3.1)
JUPYTER=(jupyterlab==4.6.6 jupyter_server==2.21.1 ipykernel==7.4.0)
# Notebook 6 imports pkg_resources, which newer setuptools lack.
CLASSIC=(notebook==6.5.7 jupyter_server==1.24.0 ipykernel==6.29.5 'setuptools<81')
UV=uv==0.9.8
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# Unpacks packages of another suite into a folder. apt gets lists, caches and a status file of its own, so that the
# system's apt never sees the other suite.
unpack() {
    local archive=$1 suite=$2 into=$3 state
    shift 3
    state=$(mktemp -d)
    mkdir -p "$state"/lists/partial "$state"/archives/partial "$state"/debs "$into"
    : >"$state/status"
    echo "deb [signed-by=$KEYRING] $archive $suite main" >"$state/sources.list"
    local apt=(apt-get -qq
        -o "Dir::Etc::SourceList=$state/sources.list" -o Dir::Etc::SourceParts=-
        -o "Dir::State::Lists=$state/lists" -o "Dir::State::Status=$state/status" -o "Dir::Cache=$state"
        -o APT::Sandbox::User=root -o Acquire::Languages=none)
    "${apt[@]}" update
    (cd "$state/debs" && "${apt[@]}" download "$@")
    local deb
    for deb in "$state"/debs/*.deb; do dpkg -x "$deb" "$into"; done
    rm -rf "$state"
}

fetch_docker_26() {
    [ ! -e docker-26 ] || return 0
    note "unpacking Docker 26"
    # Unpacked beside and then renamed: an interrupted run must not leave half a folder.
    rm -rf docker-26.part
    unpack "$1" "$SUITE_26" docker-26.part "${PACKAGES_26[@]}"
    mv docker-26.part docker-26
}

make_python() {
    [ ! -e python.tar ] || return 0
    note "making a base image with python3"
    rm -rf python.part python.tar.part
    debootstrap --variant=minbase --include=python3-venv "$2" python.part "$1" >debootstrap.log ||
        die "debootstrap failed: $PWD/debootstrap.log"
    rm -rf python.part/var/cache/apt/* python.part/var/lib/apt/lists/* python.part/usr/share/{doc,info,locale,man}
    tar -C python.part -cf python.tar.part --numeric-owner .
    rm -rf python.part
    mv python.tar.part python.tar
}

# Adds packages to the image with python3. uv installs for the image's Python, whatever Python this machine has.
make_jupyter() {
    local name=$1 root=$1.part version program
    shift
    [ ! -e "$name.tar" ] || return 0
    note "adding $1 to the image with python3"
    rm -rf "$root" "$name.tar.part"
    mkdir "$root"
    tar -C "$root" -xf python.tar
    version=$(cd "$root/usr/bin" && echo python3.*[0-9])
    python3 -m venv --clear uv
    uv/bin/pip install --quiet --disable-pip-version-check "$UV"
    uv/bin/uv --quiet pip install --target "$root/opt/jupyter" --python-version "${version#python}" \
        --python-platform "$(uname -m)-manylinux_2_35" "$@"
    # The first line of the programs names the Python that has installed them.
    sed -i '1s,^#!.*python.*,#!/usr/bin/python3,' "$root"/opt/jupyter/bin/*
    # Where Python and Jupyter look without a variable being set, which images of the tests may want to set themselves.
    echo /opt/jupyter >"$root/usr/local/lib/$version/dist-packages/jupyter.pth"
    mkdir -p "$root/usr/local/etc"
    mv "$root/opt/jupyter/share/jupyter" "$root/usr/local/share/"
    mv "$root/opt/jupyter/etc/jupyter" "$root/usr/local/etc/"
    for program in "$root"/opt/jupyter/bin/jupyter*; do ln -s "${program#"$root"}" "$root/usr/local/bin/"; done
    tar -C "$root" -cf "$name.tar.part" --numeric-owner .
    rm -rf "$root" uv
    mv "$name.tar.part" "$name.tar"
}

install_moto() {
    local packages="${MOTO[*]} ${CLOUD_INIT[*]}"
    [ "$(cat moto/installed 2>/dev/null)" != "$packages" ] || return 0
    note "installing moto"
    python3 -m venv --clear moto
    moto/bin/pip install --quiet --disable-pip-version-check "${MOTO[@]}" "${CLOUD_INIT[@]}"
    echo "$packages" >moto/installed
}

unpack_cloud_init() {
    [ ! -e cloud-init ] || return 0
    note "unpacking cloud-init"
    rm -rf cloud-init.part
    unpack "$1" "$2" cloud-init.part cloud-init
    mv cloud-init.part cloud-init
}

main() {
    local archive codename
    [ "$(id -u)" = 0 ] || { note "not root: tests with private engines are ignored"; return; }
    enter_cache
    install_moto
    read -r archive codename < <(debian_archive) ||
        { note "apt has no Debian archive: run the tests as another user, without private engines"; return; }
    fetch_docker_26 "$archive"
    make_python "$archive" "$codename"
    unpack_cloud_init "$archive" "$codename"
    make_jupyter jupyter "${JUPYTER[@]}"
    make_jupyter classic "${CLASSIC[@]}"
}

main "$@"
