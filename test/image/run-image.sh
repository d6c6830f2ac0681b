#!/usr/bin/env bash
# The second half of scripts/prove-image.sh, in a network of its own: starts the images as docker-compose.yml would, with
# their users, entry points and environments, on root file systems that cannot be written to, and uses the service.
set -euo pipefail
: "${project:?}" "${work:?}" "${node:?}"

say() { printf '\n== %s\n' "$*"; }
ok() { printf '  ok  %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

secrets=/var/lib/ringonce/secrets
vendor=10.99.0.1

# The names of docker-compose.yml, and a vendor with an address that is none of the machine's own.
ip link set lo up
ip address add "$vendor/32" dev lo
printf '127.0.0.1 localhost database pgbouncer\n%s vapi.test\n' "$vendor" >"$work/hosts"
mount --bind "$work/hosts" /etc/hosts

volume=$work/secrets-volume
rm -rf "$volume"
mkdir -p "$volume"
chown 1000:1000 "$volume"
chmod 700 "$volume"

# contain IMAGE [NAME=VALUE…] -- [parameters]: the image's entry point as its user, as process 1, with a read-only root.
# VOLUME is mounted at MOUNTED_AT, and everything else that can be written to is /tmp.
contain() {
  local image=$1 environment=()
  shift
  while [ "$1" != -- ]; do environment+=("$1"); shift; done
  shift
  # shellcheck disable=SC2016
  unshare --mount --pid --fork --kill-child=SIGKILL bash -c '
    set -euo pipefail
    image=$1 work=$2 volume=$3 mounted_at=$4 count=$5
    shift 5
    source "$work/$image.config"
    environment=("${image_environment[@]}" "${@:1:count}")
    parameters=("${@:count+1}")
    [ ${#parameters[@]} -gt 0 ] || parameters=("${image_command[@]}")
    root=$work/$image-root
    mount --bind "$root" "$root"
    mount -t proc proc "$root/proc"
    mount --bind /dev "$root/dev"
    mount -t tmpfs -o nosuid,nodev tmpfs "$root/tmp"
    mkdir -p "$root$mounted_at"
    mount --bind "$volume" "$root$mounted_at"
    mount --bind "$work/hosts" "$root/etc/hosts"
    [ ! -e "$work/ca.pem" ] || { touch "$root/ca.pem"; mount --bind "$work/ca.pem" "$root/ca.pem"; }
    mount -o remount,bind,ro "$root"
    # The working directory of the image is relative to its root.
    exec setpriv --no-new-privs --inh-caps=-all env -i "${environment[@]}" \
      chroot --userspec="$image_user" --groups=1000 "$root" \
      /usr/bin/env --chdir="$image_directory" "${image_entrypoint[@]}" "${parameters[@]}"
  ' contain "$image" "$work" "${VOLUME:-$volume}" "${MOUNTED_AT:-$secrets}" "${#environment[@]}" "${environment[@]}" "$@"
}

expect() { # code, text in the output, command…
  local code=$1 text=$2 said status=0
  shift 2
  said=$("$@" 2>&1) || status=$?
  [ "$status" -eq "$code" ] || fail "exit $status instead of $code: $said"
  grep -qF -- "$text" <<<"$said" || fail "no \"$text\" in: $said"
  ok "exit $code: $(grep -F -m1 -- "$text" <<<"$said")"
}

until_true() { # what, command…
  local what=$1 tries=300
  shift
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail "in vain: $what"
    sleep 0.2
  done
}

healthcheck() { # in the service's own network, as the engine would
  local image_healthcheck=()
  # shellcheck disable=SC1091
  source "$work/ringonce.config"
  [ "${#image_healthcheck[@]}" -gt 0 ] || fail 'the image has no HEALTHCHECK'
  contain ringonce -- "${image_healthcheck[@]:1}"
}

# The process that the engine would signal: the last of those that wait for one another.
first_process() {
  local pid=$1 child
  while child=$(pgrep -P "$pid" | head -1) && [ -n "$child" ]; do pid=$child; done
  echo "$pid"
}

say 'Process 1, nobody special, on a root file system that cannot be written to'
# The folder belongs to the user: only the file system stands in the way.
expect 0 'EROFS uid 1000 pid 1' contain ringonce -- -e '
  let code = "written";
  try { require("node:fs").writeFileSync("/var/lib/ringonce/x", ""); } catch (error) { code = error.code; }
  console.log(code, "uid", process.getuid(), "pid", process.pid);'

say 'Without secrets, and with weak ones, nothing starts'
expect 78 'DATABASE_URL: is required' contain ringonce --
expect 78 'CREDENTIALS_KEYS: is required' contain ringonce --
expect 78 'PUBLIC_URL: is required' contain ringonce --
expect 78 'SUPABASE_JWT_SECRET: is an example' contain ringonce PUBLIC_URL=http://127.0.0.1:3000 \
  DATABASE_URL=postgresql://a:b1c2d3e4f5@database/x SUPABASE_JWT_SECRET="$(printf 'a%.0s' {1..40})" \
  "CREDENTIALS_KEYS=k1:$(openssl rand -base64 32)" --
expect 78 'CREDENTIALS_KEYS_FILE: cannot be read (ENOENT)' contain ringonce CREDENTIALS_KEYS_FILE=/nowhere --

say 'Secrets: made once, never again'
expect 0 'Made' contain ringonce -- dist/scripts/make-secrets.js $secrets credentials tokens database
sums=$(cd "$volume" && sha256sum ./*)
expect 0 'Every secret is there' contain ringonce -- dist/scripts/make-secrets.js $secrets credentials tokens database
[ "$sums" = "$(cd "$volume" && sha256sum ./*)" ] || fail 'a secret was changed'
[ -z "$(find "$volume" -type f ! -perm 0400 -print -quit)" ] || fail 'a secret can be read by others'
ok "$(find "$volume" -type f -printf '%m %U %f\n' | sort -k3 | tr '\n' ';')"

say 'Migrations wait for a database that is not there yet'
contain ringonce DATABASE_ADMIN_URL_FILE=$secrets/database-admin-url DATABASE_URL_FILE=$secrets/database-url -- \
  dist/scripts/db-migrate.js >"$work/migrate.log" 2>&1 &
migrate=$!
until_true 'it says that it waits' grep -q 'not there yet' "$work/migrate.log"

postgres_bin=$work/postgres/bin
if [ ! -x "$postgres_bin/initdb" ]; then
  cp -a "$(dirname "$(cd "$project" && "$node" -p 'require("./dist/src/local/postgres-binaries.js").embeddedBinaries()')")" "$work/postgres"
fi
as_postgres() { setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"; }
postgres_data=$work/postgres-data
rm -rf "$postgres_data"
install -d -o 65534 -g 65534 -m 700 "$postgres_data"
install -o 65534 -m 400 "$volume/database-admin-password" "$work/admin-password"
as_postgres "$postgres_bin/initdb" -D "$postgres_data" -U postgres -A scram-sha-256 --pwfile="$work/admin-password" >/dev/null
as_postgres "$postgres_bin/pg_ctl" -D "$postgres_data" -w -l "$postgres_data/log" \
  -o '-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off' start >/dev/null
wait "$migrate" || fail "$(cat "$work/migrate.log")"
sed 's/^/      /' "$work/migrate.log"
expect 0 'up to date' contain ringonce DATABASE_ADMIN_URL_FILE=$secrets/database-admin-url \
  DATABASE_URL_FILE=$secrets/database-url -- dist/scripts/db-migrate.js

say 'A vendor over https'
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=vapi.test \
  -addext subjectAltName=DNS:vapi.test -keyout "$work/key.pem" -out "$work/ca.pem" 2>/dev/null
api_key=$(openssl rand -hex 16)
SANDBOX_API_KEY=$api_key SANDBOX_SPEED=20 "$node" "$project/dist/sandbox/vapi/main.js" >"$work/vendor.log" 2>&1 &
"$node" "$project/test/image/tls-passage.mjs" "$vendor" 443 "$work/key.pem" "$work/ca.pem" 4010 &

settings=(
  PUBLIC_URL=http://127.0.0.1:3000
  "DATABASE_DIRECT_URL_FILE=$secrets/database-url"
  "SUPABASE_JWT_SECRET_FILE=$secrets/jwt-secret"
  "CREDENTIALS_KEYS_FILE=$secrets/credentials-keys"
  NODE_EXTRA_CA_CERTS=/ca.pem
)
token() {
  contain ringonce DATABASE_URL_FILE=$secrets/database-url SUPABASE_JWT_SECRET_FILE=$secrets/jwt-secret -- \
    dist/scripts/token.js --sign-up --user demo "$@"
}
user_token=$(token)
admin_token=$(token --admin)

serve() { # way to the database
  say "The service, by way of $1"
  contain ringonce "${settings[@]}" "DATABASE_URL_FILE=$secrets/$1-url" -- >"$work/service.log" 2>&1 &
  local service=$!
  until_true "the service is ready, see $work/service.log" healthcheck
  ok "HEALTHCHECK: $(healthcheck)"
  NODE_EXTRA_CA_CERTS=$work/ca.pem "$node" "$project/test/image/smoke.mjs" \
    http://127.0.0.1:3000 https://vapi.test http://127.0.0.1:4010 "$api_key" "$user_token" "$admin_token" ||
    { tail -5 "$work/service.log"; fail 'the smoke test'; }
  local began status=0
  began=$(date +%s%N)
  kill -TERM "$(first_process "$service")"
  wait "$service" || status=$?
  [ "$status" -eq 0 ] || { tail -5 "$work/service.log"; fail "exit $status on SIGTERM"; }
  ok "SIGTERM: exit 0 after $((($(date +%s%N) - began) / 1000000)) ms"
  expect 1 'ECONNREFUSED' healthcheck
}
serve database

say 'PgBouncer, in transaction mode'
contain ringonce-pgbouncer -- >"$work/pgbouncer.log" 2>&1 &
until_true 'PgBouncer listens' bash -c 'exec 3<>/dev/tcp/127.0.0.1/6432'
serve pgbouncer
grep -m1 'pool_mode\|login attempt' "$work/pgbouncer.log" | sed 's/^/      /'

say 'A wrong password is no reason to wait'
expect 78 'DATABASE_URL: the database server refuses it' contain ringonce "${settings[@]}" \
  DATABASE_URL=postgresql://ringonce:not-the-password@database/ringonce --

if [ -n "${with_demo:-}" ]; then
  say 'The demo, in its own image'
  mkdir -p "$work/demo-volume"
  chown 1000:1000 "$work/demo-volume"
  VOLUME=$work/demo-volume MOUNTED_AT=/var/lib/ringonce/demo contain ringonce-demo -- dist/scripts/demo-in-container.js --once |
    grep -E '✓|✗|Service|calls are queued'
fi

say 'Everything as it should be'
