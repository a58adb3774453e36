#!/usr/bin/env bash
# Puts real consul, etcd and etcdctl into target/real-servers/bin, without root and without changing the system: unpacks
# Debian's packages, fetched from the package sources this machine already uses. Does nothing for what CONSUL_BIN,
# ETCD_BIN or the PATH provide, or what is there already.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dest=${1:-$top/target/real-servers}
mkdir -p "$dest/bin"

have() { # variable binary
  local named=${!1:-}
  { [ -n "$named" ] && [ -x "$named" ]; } || command -v "$2" >/dev/null || [ -x "$dest/bin/$2" ]
}

need=()
have CONSUL_BIN consul || need+=(consul)
{ have ETCD_BIN etcd && have ETCDCTL_BIN etcdctl; } || need+=(etcd)
if [ ${#need[@]} -eq 0 ]; then exit 0; fi

fail() {
  cat >&2 <<TEXT
real-servers: $1
Real ${need[*]} are needed by the tests and were not found. Fix it in one of three ways:
  1. install them so that 'consul', 'etcd' and 'etcdctl' are on the PATH
  2. point CONSUL_BIN, ETCD_BIN and ETCDCTL_BIN at the binaries
  3. on Debian: run scripts/real-servers.sh where the package sources can be reached
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

# Where apt would fetch this suite's index from: whatever stands before /dists/SUITE/InRelease in its own list.
mirror=$(apt-get --print-uris update 2>/dev/null | cut -d"'" -f2 \
  | grep -E "/dists/$suite/InRelease\$" | head -n 1 | sed "s|dists/$suite/InRelease\$||") || true
[ -n "$mirror" ] || fail "apt has no source for $suite"

unpack() { # suite packages...
  local from=$1 dir="$work/$1"
  shift
  mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" "$dir/debs" "$dir/root"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $from main" > "$dir/sources.list"
  local options=(
    -qq -o "Dir::Etc::SourceList=$dir/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$dir/lists" -o "Dir::Cache=$dir/cache" -o Dir::State::Status=/var/lib/dpkg/status
    -o Acquire::Retries=3 -o Acquire::Languages=none -o Debug::NoLocking=1 -o "APT::Sandbox::User=$(id -un)"
  )
  apt-get "${options[@]}" update >"$dir/log" 2>&1 || { tail -n 5 "$dir/log" >&2; return 1; }
  (cd "$dir/debs" && apt-get "${options[@]}" download "$@" >>"$dir/log" 2>&1) || { tail -n 5 "$dir/log" >&2; return 1; }
  for package in "$dir"/debs/*.deb; do dpkg-deb -x "$package" "$dir/root"; done
  for binary in "$dir"/root/usr/bin/*; do
    install -m 755 "$binary" "$dest/bin/.new" && mv -f "$dest/bin/.new" "$dest/bin/$(basename "$binary")"
  done
}

for what in "${need[@]}"; do
  case $what in
    etcd) unpack "$suite" etcd-server etcd-client || fail "could not unpack etcd-server and etcd-client of $suite" ;;
    # Consul is in no later Debian than bullseye.
    consul) unpack bullseye consul || fail "could not unpack consul of bullseye" ;;
  esac
done
echo "real-servers: ${need[*]} in $dest/bin"
