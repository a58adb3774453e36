#!/usr/bin/env bash
# Puts Chromium's headless shell, and the fonts of the screenshots, into target/real-servers/chromium, without root and without
# changing the system: unpacks Debian's packages, fetched from the package sources this machine already uses. Does
# nothing when CHROMIUM_BIN names one, or when it is there already.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dest=${1:-$top/target/real-servers}/chromium
start=$dest/chromium
mkdir -p "$dest"

# Modules built beside each other ask at the same time: one fetches, the others wait and find it.
if command -v flock >/dev/null; then
  exec 9>"$dest/lock"
  flock 9
fi

if [ -n "${CHROMIUM_BIN:-}" ] && [ -x "$CHROMIUM_BIN" ]; then exit 0; fi
if [ -x "$start" ]; then exit 0; fi

fail() {
  cat >&2 <<TEXT
chromium: $1
A headless Chromium is needed by the tests of the status page and was not found. Fix it in one of two ways:
  1. point CHROMIUM_BIN at one: the program itself, not a script around it (Debian: /usr/lib/chromium/chromium-headless-shell)
  2. on Debian: run scripts/chromium.sh where the package sources can be reached
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
# Downloaded only: the browser with each library this machine lacks, and the fonts that make pictures the same everywhere.
asked apt-get "${options[@]}" --download-only --yes --no-install-recommends install chromium-headless-shell \
  || fail "chromium-headless-shell of $suite could not be fetched"
(cd "$work/cache/archives" && asked apt-get "${options[@]}" download fonts-inter fonts-dejavu-core) || fail "fonts of $suite could not be fetched"

rm -rf "$dest/root"
mkdir "$dest/root"
for package in "$work"/cache/archives/*.deb; do dpkg-deb -x "$package" "$dest/root"; done
# Debian's command is a script whose child outlives it: only the program itself is of use.
program=$dest/root/usr/lib/chromium/chromium-headless-shell
[ -x "$program" ] || program=/usr/lib/chromium/chromium-headless-shell
[ -x "$program" ] || fail "chromium-headless-shell of $suite holds no program"

cat > "$dest/fonts.conf" <<TEXT
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>$dest/root/usr/share/fonts</dir>
  <cachedir>$dest/font-cache</cachedir>
  <alias binding="same"><family>system-ui</family><prefer><family>Inter</family></prefer></alias>
  <alias><family>sans-serif</family><prefer><family>Inter</family><family>DejaVu Sans</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
TEXT
libraries=$(find "$dest/root" -name '*.so*' -not -path '*/usr/lib/chromium/*' -exec dirname {} + | sort -u | tr '\n' ':')
# Replaced by the program with exec: whoever ends this process ends the browser.
cat > "$dest/.new" <<TEXT
#!/bin/sh
FONTCONFIG_FILE='$dest/fonts.conf' LD_LIBRARY_PATH='$libraries'"\${LD_LIBRARY_PATH:-}" exec '$program' "\$@"
TEXT
chmod 755 "$dest/.new"
mv -f "$dest/.new" "$start"
echo "chromium: $("$start" --version 2>/dev/null) in $dest"
