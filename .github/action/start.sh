#!/usr/bin/env bash
# Installs a release of ecmock, and starts the server. Called by action.yml, on Linux and macOS.
#
# needs INPUT_VERSION, INPUT_PORT, and INPUT_ARGS, which are the inputs of the action, and the variables of a runner.
#   ECMOCK_ACTION_RELEASES=URL      folder of the releases; defaults to the one on GitHub
#   ECMOCK_ACTION_READY_SECONDS=N   time until the server must be ready; defaults to 30
set -euo pipefail

releases=${ECMOCK_ACTION_RELEASES:-https://github.com/ecmock/ecmock/releases/download}
ready_seconds=${ECMOCK_ACTION_READY_SECONDS:-30}
# The runner has this file from the tag of the action, and so has Cargo.toml the version of its release.
manifest=$(dirname "${BASH_SOURCE[0]}")/../../Cargo.toml
version=${INPUT_VERSION:-$(awk -F '"' '/^version = / { print $2; exit }' "$manifest")}
version=${version#v}
folder=$RUNNER_TEMP/ecmock
log=$folder/server.log

# usage: fail MESSAGE
fail() {
    echo "::error title=ecmock::$1"
    exit 1
}

# usage: download NAME
download() {
    local url=$releases/v$version/$1
    curl --fail --silent --show-error --location --retry 3 --output "$folder/$1" "$url" || fail "cannot download $url"
}

# Prints the SHA-256 of FILE.
# usage: checksum FILE
checksum() {
    if command -v sha256sum > /dev/null; then
        sha256sum "$1"
    else
        shasum --algorithm 256 "$1"
    fi | cut -d ' ' -f 1
}

install_release() {
    local triple archive expected actual
    case $RUNNER_OS-$RUNNER_ARCH in
        Linux-X64) triple=x86_64-unknown-linux-gnu ;;
        Linux-ARM64) triple=aarch64-unknown-linux-gnu ;;
        macOS-X64) triple=x86_64-apple-darwin ;;
        macOS-ARM64) triple=aarch64-apple-darwin ;;
        *) fail "this action does not support $RUNNER_OS on $RUNNER_ARCH; it supports Linux and macOS on X64 and ARM64" ;;
    esac
    archive=ecmock-$version-$triple.tar.gz
    download "$archive"
    download SHA256SUMS
    expected=$(awk -v name="$archive" '$2 == name { print $1 }' "$folder/SHA256SUMS")
    [ -n "$expected" ] || fail "SHA256SUMS of release $version does not list $archive"
    actual=$(checksum "$folder/$archive")
    [ "$actual" = "$expected" ] || fail "the SHA-256 of $archive is $actual; expected $expected"
    tar -xzf "$folder/$archive" -C "$folder"
    bin=$folder/${archive%.tar.gz}
}

# Starts the server, and waits until it prints that it is ready. It runs until the end of the job.
start() {
    local command line=
    command=("$bin/ecmock" serve --listen "127.0.0.1:$INPUT_PORT")
    set -f # the flags are split, but not expanded
    # shellcheck disable=SC2206
    command+=($INPUT_ARGS)
    set +f
    rm -f "$folder/ready"
    mkfifo "$folder/ready"
    "${command[@]}" < /dev/null > "$folder/ready" 2> "$log" &
    echo $! > "$folder/pid"
    endpoint=
    while IFS= read -r -t "$ready_seconds" line && [ "$line" != Ready. ]; do
        echo "$line"
        [ -n "$endpoint" ] || [[ $line != http://* ]] || endpoint=$line
    done < "$folder/ready"
    [ "$line" = Ready. ] && return
    { kill -KILL $! && wait $!; } 2> /dev/null || true
    cat "$log"
    fail "the server is not ready; its log is above"
}

mkdir -p "$folder"
install_release
start
echo "endpoint=$endpoint" >> "$GITHUB_OUTPUT"
echo "$bin" >> "$GITHUB_PATH"
# The variables of `ecmock env`, without the function after them.
"$bin/ecmock" env --listen "${endpoint#http://}" | sed -n "s/^export \([A-Z_]*\)='\{0,1\}\([^']*\)'\{0,1\}$/\1=\2/p" \
    >> "$GITHUB_ENV"
