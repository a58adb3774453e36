#!/usr/bin/env bash
# Puts prometheus and promtool into target/real-servers/prometheus, without root and without changing the system: unpacks
# Debian's package, fetched from the package sources this machine already uses. Prints the folder that holds the two: what
# PROMETHEUS_HOME names, or that of the PATH, else the unpacked one. Does nothing for what is there already.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dest=${1:-$top/target/real-servers}/prometheus
mkdir -p "$dest"

# Who asks at the same time waits and finds it.
if command -v flock >/dev/null; then
  exec 9>"$dest/lock"
  flock 9
fi

both() { [ -x "$1/prometheus" ] && [ -x "$1/promtool" ]; }

if [ -n "${PROMETHEUS_HOME:-}" ] && both "$PROMETHEUS_HOME"; then echo "$PROMETHEUS_HOME"; exit 0; fi
if found=$(command -v promtool) && both "$(dirname "$found")"; then dirname "$found"; exit 0; fi
if both "$dest/bin"; then echo "$dest/bin"; exit 0; fi

fail() {
  cat >&2 <<TEXT
prometheus: $1
Real prometheus and promtool are needed by the tests of the metrics and were not found. Fix it in one of three ways:
  1. install them so that both are in one folder of the PATH
  2. point PROMETHEUS_HOME at the folder that holds both
  3. on Debian: run scripts/prometheus.sh where the package sources can be reached
TEXT
  exit 69
}

command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || fail "no apt-get on this machine"
# shellcheck disable=SC1091
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
[ -n "$suite" ] || fail "no Debian suite in /etc/os-release"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"

# Where apt would fetch this suite's index from: whatever stands before /dists/SUITE/InRelease in its own list.
mirror=$(apt-get --print-uris update 2>/dev/null | cut -d"'" -f2 \
  | grep -E "/dists/$suite/InRelease\$" | head -n 1 | sed "s|dists/$suite/InRelease\$||") || true
[ -n "$mirror" ] || fail "apt has no source for $suite"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" > "$work/sources.list"

options=(
  -qq -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
  -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o Dir::State::Status=/var/lib/dpkg/status
  -o Acquire::Retries=3 -o Acquire::Languages=none -o Debug::NoLocking=1 -o "APT::Sandbox::User=$(id -un)"
)
asked() { "$@" >"$work/log" 2>&1 || { tail -n 5 "$work/log" >&2; return 1; }; }
asked apt-get "${options[@]}" update || fail "the package lists of $suite could not be read"
(cd "$work/cache/archives" && asked apt-get "${options[@]}" download prometheus) || fail "prometheus of $suite could not be fetched"

rm -rf "$dest/root" "$dest/bin"
mkdir "$dest/root"
dpkg-deb -x "$work"/cache/archives/prometheus_*.deb "$dest/root"
both "$dest/root/usr/bin" || fail "prometheus of $suite holds no prometheus and promtool"
ln -s root/usr/bin "$dest/bin"
echo "$dest/bin"
