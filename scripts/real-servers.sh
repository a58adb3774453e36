#!/usr/bin/env bash
# Puts real consul, etcd and etcdctl into target/real-servers/bin, without root and without changing the system: unpacks
# Debian's packages, fetched from the package sources this machine already uses. Does nothing for what CONSUL_BIN,
# ETCD_BIN or the PATH provide, or what is there already. A newer etcd, from a later suite, goes into newer/bin beside it
# where it can be had; without it the tests that want it take the usual one.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dest=${1:-$top/target/real-servers}
mkdir -p "$dest/bin"

# Modules built beside each other ask at the same time: one fetches, the others wait and find it.
if command -v flock >/dev/null; then
  exec 9>"$dest/lock"
  flock 9
fi

have() { # variable binary
  local named=${!1:-}
  { [ -n "$named" ] && [ -x "$named" ]; } || command -v "$2" >/dev/null || [ -x "$dest/bin/$2" ]
}

need=()
have CONSUL_BIN consul || need+=(consul)
{ have ETCD_BIN etcd && have ETCDCTL_BIN etcdctl; } || need+=(etcd)
# Asked for once: where a later suite can not be reached, a build must not wait for it each time.
newer=no
[ -e "$dest/newer/asked" ] || [ -n "${ETCD_NEWER_BIN:-}" ] || newer=yes
if [ ${#need[@]} -eq 0 ] && [ $newer = no ]; then exit 0; fi

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

# Without what is only wished for, the build goes on.
give_up() { if [ ${#need[@]} -eq 0 ]; then exit 0; else fail "$1"; fi; }

command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || give_up "no apt-get on this machine"
# shellcheck disable=SC1091
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
[ -n "$suite" ] || give_up "no Debian suite in /etc/os-release"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

# Where apt would fetch this suite's index from: whatever stands before /dists/SUITE/InRelease in its own list.
mirror=$(apt-get --print-uris update 2>/dev/null | cut -d"'" -f2 \
  | grep -E "/dists/$suite/InRelease\$" | head -n 1 | sed "s|dists/$suite/InRelease\$||") || true
[ -n "$mirror" ] || give_up "apt has no source for $suite"

unpack() { # folder suite packages...
  local bin=$1 from=$2 dir="$work/$2"
  shift 2
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
    install -m 755 "$binary" "$bin/.new" && mv -f "$bin/.new" "$bin/$(basename "$binary")"
  done
}

for what in "${need[@]}"; do
  case $what in
    etcd) unpack "$dest/bin" "$suite" etcd-server etcd-client || fail "could not unpack etcd-server and etcd-client of $suite" ;;
    # Consul is in no later Debian than bullseye.
    consul) unpack "$dest/bin" bullseye consul || fail "could not unpack consul of bullseye" ;;
  esac
done
if [ ${#need[@]} -gt 0 ]; then echo "real-servers: ${need[*]} in $dest/bin"; fi

if [ $newer = yes ]; then
  mkdir -p "$dest/newer/bin"
  for later in forky sid; do
    # It may need a newer libc than there is: then it is of no use here.
    if unpack "$dest/newer/bin" "$later" etcd-server 2>/dev/null && "$dest/newer/bin/etcd" --version >/dev/null 2>&1; then
      echo "real-servers: $("$dest/newer/bin/etcd" --version | head -n 1) of $later in $dest/newer/bin"
      break
    fi
    rm -f "$dest/newer/bin/etcd"
  done
  touch "$dest/newer/asked"
fi
