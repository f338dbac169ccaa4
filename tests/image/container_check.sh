#!/usr/bin/env bash
# Builds the image for real, runs it hardened, says what holds and what does not; exit code 1 if anything does not.
# usage: tests/image/container_check.sh CONTEXT      (root; no Docker engine, no image registry)
# apt: buildah podman runc conmon netavark mmdebstrap catatonit skopeo curl
# Settings, from the environment:
#   BASE_IMAGE      a base to pull; without it a stand-in is made of Debian packages and a Python of this machine, and kept
#   PYTHON_PREFIX   the Python for the stand-in (default: the newest of pyenv, else the one on the PATH)
#   STORAGE_DRIVER  overlay or vfs (default: overlay, where the machine lets it)
#   MEMORY, BUDGET_MB, READY_SECONDS, STOP_SECONDS
# shellcheck disable=SC2016  # what stands in single quotes is for the shell of the container
set -euo pipefail

CONTEXT=$(realpath "${1:?usage: $0 CONTEXT}")
MEMORY=${MEMORY:-512m} BUDGET_MB=${BUDGET_MB:-300} READY_SECONDS=${READY_SECONDS:-60} STOP_SECONDS=${STOP_SECONDS:-60}
CERTIFICATES=/etc/ssl/certs/ca-certificates.crt
IMAGE=localhost/prrt-cds:check
failures=0

for needed in buildah podman runc conmon mmdebstrap nsenter curl; do
  command -v $needed >/dev/null || { echo "$needed is missing; see the apt line in $0."; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo "Needs root."; exit 1; }

# --- a storage of its own, which goes when this ends; only the stand-in stays, as an archive

WORK=$(mktemp -d "${TMPDIR:-/var/tmp}/prrt-cds-image.XXXXXX")
KEPT=${XDG_CACHE_HOME:-$HOME/.cache}/prrt-cds
containers=(looking check-10001 check-1234567 check-2345678)
export CONTAINERS_CONF=$WORK/containers.conf CONTAINERS_STORAGE_CONF=$WORK/storage.conf BUILDAH_ISOLATION=chroot
tidy_up() {
  trap '' INT TERM
  [ ! -f "$WORK/storage.conf" ] || podman rm --force --ignore --time 0 "${containers[@]}" >/dev/null 2>&1 || true
  awk -v work="$WORK/" 'index($5, work) == 1 {print $5}' /proc/self/mountinfo | sort -r | xargs -r umount --lazy || true
  rm -rf --one-file-system "$WORK"
}
trap tidy_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

open_files=$(ulimit -Hn)
cat > "$WORK/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=$open_files:$open_files", "nproc=8192:8192"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
CONF
for driver in ${STORAGE_DRIVER:-overlay vfs}; do
  printf '[storage]\ndriver = "%s"\nrunroot = "%s/run"\ngraphroot = "%s/graph-%s"\n' "$driver" "$WORK" "$WORK" "$driver" > "$WORK/storage.conf"
  if STORAGE_DRIVER='' podman info >/dev/null 2>"$WORK/refused"; then found=$driver; break; fi
done
unset STORAGE_DRIVER
[ -n "${found:-}" ] || { echo "No storage driver works here:"; cat "$WORK/refused"; exit 1; }

# --- the base

python_prefix() {
  local newest
  if [ -n "${PYTHON_PREFIX:-}" ]; then
    echo "$PYTHON_PREFIX"
  elif newest=$(pyenv versions --bare 2>/dev/null | grep "^$1\." | sort -V | tail -1) && [ -n "$newest" ]; then
    pyenv prefix "$newest"
  else
    "python$1" -c 'import sys; print(sys.base_prefix)'
  fi
}

make_stand_in() { # VERSION ARCHIVE: what python:VERSION-slim-bookworm holds, as far as the build and the service can tell
  local version=$1 root=$WORK/root prefix mirror library
  prefix=$(python_prefix "$version")
  mirror=$(awk '/^URIs:/ {print $2; exit}' /etc/apt/sources.list.d/debian.sources 2>/dev/null || true)
  mmdebstrap --quiet --variant=minbase bookworm "$root" ${mirror:+"$mirror"} \
    --include=ca-certificates,netbase,tzdata,libssl3,libsqlite3-0,libffi8,zlib1g,libbz2-1.0,liblzma5,libreadline8,libncursesw6,libuuid1,libexpat1
  cp -a "$prefix/bin/python$version" "$root/usr/local/bin/"
  ln -s "python$version" "$root/usr/local/bin/python3"
  ln -s python3 "$root/usr/local/bin/python"
  for library in "$prefix/lib/libpython$version.so"*; do [ ! -e "$library" ] || cp -a "$library" "$root/usr/local/lib/"; done
  tar -C "$prefix/lib" --exclude=__pycache__ --exclude=test --exclude=idlelib --exclude='config-*' --exclude=site-packages \
    --exclude=tkinter --exclude='_tkinter*' -cf - "python$version" | tar -C "$root/usr/local/lib" -xf -
  mkdir -p "$root/usr/local/lib/python$version/site-packages"
  chroot "$root" ldconfig
  "$prefix/bin/python$version" -m pip install -qq --disable-pip-version-check --root-user-action=ignore \
    --target "$root/usr/local/lib/python$version/site-packages" pip
  rm -rf "$root/usr/local/lib/python$version/site-packages/bin"
  printf '#!/usr/local/bin/python3\nimport sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n' > "$root/usr/local/bin/pip"
  chmod 755 "$root/usr/local/bin/pip"
  cp "$root/usr/local/bin/pip" "$root/usr/local/bin/pip3"
  : > "$root/etc/pip.conf" # where the build mounts one: nothing is left behind
  rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*
  mkdir -p "$(dirname "$2")"
  tar -C "$root" --numeric-owner -cf "$WORK/stand-in.tar" .
  mv "$WORK/stand-in.tar" "$2"
  rm -rf "$root"
}

if [ -n "${BASE_IMAGE:-}" ]; then
  base=$BASE_IMAGE
  podman pull --quiet "$base" >/dev/null
else
  version=$(sed -n 's/^ARG BASE_IMAGE=python:\([0-9.]*\)-slim-bookworm$/\1/p' "$CONTEXT/Dockerfile")
  [ -n "$version" ] || { echo "The Dockerfile names no base of which a stand-in can be made; set BASE_IMAGE."; exit 1; }
  base=localhost/stand-in:python-$version-slim-bookworm
  [ -f "$KEPT/python-$version-slim-bookworm.tar" ] || make_stand_in "$version" "$KEPT/python-$version-slim-bookworm.tar"
  podman import --quiet --change 'ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin' --change 'CMD ["python3"]' \
    "$KEPT/python-$version-slim-bookworm.tar" "$base" >/dev/null
fi

# --- the build

mounts=()
if [ -f $CERTIFICATES ]; then # the machine's own, in case it trusts more than the base does
  printf '[global]\ncert = %s\n' $CERTIFICATES > "$WORK/pip.conf"
  mounts=(--volume "$CERTIFICATES:$CERTIFICATES:ro" --volume "$WORK/pip.conf:/etc/pip.conf:ro")
fi
layers=true
[ "$found" = overlay ] || layers=false # each layer would be a full copy
began=$SECONDS
TMPDIR=$WORK buildah bud --pull-never --format docker --layers=$layers --build-arg BASE_IMAGE="$base" "${mounts[@]}" \
  --file "$CONTEXT/Dockerfile" --tag $IMAGE "$CONTEXT" > "$WORK/build.log" 2>&1 || { cat "$WORK/build.log"; echo "FAILED: it builds"; exit 1; }
echo "built in $((SECONDS - began)) s, on $base, with $found"

# --- what holds

holds() { # SENTENCE COMMAND...
  local sentence=$1 told
  shift
  if told=$("$@" 2>&1); then
    echo "ok: $sentence"
  else
    echo "FAILED: $sentence${told:+ ($(head -c 1000 <<<"$told"))}"
    failures=$((failures + 1))
  fi
}
is() { [ "$1" = "$2" ] || { echo "$1"; return 1; }; }
nothing() { local found; found=$("$@" 2>&1) || true; [ -z "$found" ] || { head -10 <<<"$found"; return 1; }; }
fails() { ! "$@"; }
config() { podman image inspect --format "$1" $IMAGE; }
as_root() { podman exec looking sh -c "$1"; }
inside() { podman exec "$container" sh -c "$1"; }
size() { podman image inspect --format '{{.Size}}' "$1"; }

own_mb=$((($(size $IMAGE) - $(size "$base") + 999999) / 1000000))
echo "layers above the base: $own_mb MB (uncompressed); base: $(($(size "$base") / 1000000)) MB"
podman history --format '  {{.Size}}  {{.CreatedBy}}' $IMAGE | grep -v '^  0 B' | cut -c1-110
holds "the layers above the base are under $BUDGET_MB MB" [ $own_mb -lt "$BUDGET_MB" ]
holds "the image names its user by number" is "$(config '{{.Config.User}}')" 10001:10001
holds "the server is started without a shell" is "$(config '{{.Config.Entrypoint}} {{.Config.Cmd}}')" \
  "[prrt-cds] [serve --host 0.0.0.0 --port 8000]"
for label in title description licenses version; do
  holds "the image says its $label" [ -n "$(config "{{index .Config.Labels \"org.opencontainers.image.$label\"}}")" ]
done
mapfile -t health < <(config '{{range .HealthCheck.Test}}{{println .}}{{end}}' | sed '/^$/d')
holds "the health check needs no shell" is "${health[0]:-}" CMD
holds "the health check fails where nothing serves" fails podman run --rm --no-healthcheck --network=none --entrypoint "${health[1]:-false}" \
  $IMAGE "${health[@]:2}"
podman run --detach --name looking --no-healthcheck --network=none --user 0:0 --entrypoint sleep $IMAGE infinity >/dev/null
holds "no compiler, no build tool and no pip is on the path" nothing as_root \
  'for tool in cc gcc g++ c++ clang ld as make cmake pip pip3 pip3.12 uv hatchling f2py git; do command -v $tool; done'
holds "no pip, no build backend and no test folder is anywhere" nothing as_root \
  'find /usr/local /opt \( -name pip -o -name "pip-*" -o -name "pip3*" -o -name ensurepip -o -name "hatchling*" -o -name "editables*" \
   -o -type d \( -name test -o -name tests \) \)'
holds "nothing is left of the build" nothing as_root 'ls -d /build /wheel /wheels /image /root/.cache /usr/local/bin/pip* 2>/dev/null; find /tmp /var/tmp /etc/pip.conf -type f -size +0'
holds "nobody but root can change the service, and everybody can read it" nothing as_root \
  'find /opt/prrt ! -type l \( ! -user 0 -o -perm /022 -o ! -perm -004 -o -type d ! -perm -005 \)'
holds "every module has its bytecode" nothing as_root \
  'find /opt/prrt/venv/lib -name "*.py" | while read -r source; do name=${source##*/}; ls "${source%/*}/__pycache__/${name%.py}".*.pyc >/dev/null 2>&1 || echo "$source"; done'
holds "of a model there is only what the service reads" nothing as_root \
  'find /opt/prrt/models -mindepth 1 ! -path "*/models/served.yaml" ! -name manifest.json ! -name model.joblib ! -name known_answers.json ! -name card.md ! \( -type d -exec test -f {}/manifest.json \; \)'
data=$(as_root 'stat -c "%u:%g %a" /data')
podman rm --force --time 0 looking >/dev/null
holds "/data is the user's, and open to group 0 only" is "$data" "10001:0 770"

# --- what holds while it runs

milliseconds() { echo $((($(date +%s%N) - $1) / 1000000)); }
answers() { nsenter --target "$pid" --net curl --fail-with-body --silent --show-error --noproxy '*' --max-time 2 "http://127.0.0.1:8000$1"; }

DRAW='
import asyncio, datetime
from service.drawing import Drawing
from service.presentation.figures.shapes import Course, Measured
day, drawing = datetime.date(2026, 3, 10), Drawing()
drawing.start()
drawn = asyncio.run(drawing.draw(Course(day, alp=(Measured(day, 1.5),)), [], []))
drawing.close()
raise SystemExit(not (drawn and drawn.timeline))
'

check_run() { # WHO UID OWNER MODE [OPTION...]: run as an operator would, with a volume of that owner and mode at /data
  local who=$1 uid=$2 owner=$3 mode=$4 before=$failures began elapsed volume
  shift 4
  container=check-$uid volume=$WORK/data-$uid
  mkdir "$volume"; chown "$owner" "$volume"; chmod "$mode" "$volume"
  echo "--- as $who"
  podman create --quiet --name "$container" --no-healthcheck --network=none --read-only --read-only-tmpfs=false \
    --tmpfs /tmp:rw,noexec,nosuid,size=16m --cap-drop=ALL --security-opt=no-new-privileges \
    --memory "$MEMORY" --memory-swap "$MEMORY" --cpus 1 --volume "$volume:/data" "$@" $IMAGE >/dev/null
  began=$(date +%s%N)
  podman start "$container" >/dev/null
  pid=$(podman inspect "$container" --format '{{.State.Pid}}')
  until [ "$pid" = 0 ] || answers /readyz >"$WORK/readyz" 2>&1 || [ "$(milliseconds "$began")" -gt $((READY_SECONDS * 1000)) ]; do
    sleep 0.05
    pid=$(podman inspect "$container" --format '{{.State.Pid}}')
  done
  elapsed=$(milliseconds "$began")
  holds "it is ready within $READY_SECONDS s" answers /readyz
  echo "  asked for $elapsed ms; memory: $(grep -E '^Vm(RSS|HWM)' "/proc/$pid/status" 2>/dev/null | tr -s '\t\n ' ' ')"
  holds "the server is process 1" inside 'tr "\0" " " < /proc/1/cmdline | grep -q "prrt-cds serve --host 0.0.0.0"'
  holds "it runs as $uid" is "$(inside 'id -u' 2>&1)" "$uid"
  holds "it has no capability" inside 'grep -q "^CapEff:.0000000000000000$" /proc/1/status'
  holds "the root is read-only" fails inside 'touch /x 2>/dev/null'
  holds "it can write to /data" inside 'touch /data/x && rm /data/x'
  holds "the health check says that it lives" podman exec "$container" "${health[@]:1}"
  holds "it draws a figure" podman exec "$container" python -I -c "$DRAW"
  began=$(date +%s%N)
  podman stop --time "$STOP_SECONDS" "$container" >/dev/null 2>&1 || true
  elapsed=$(milliseconds "$began")
  holds "SIGTERM ends it with 0" is "$(podman inspect "$container" --format '{{.State.ExitCode}}')" 0
  echo "  stopped after $elapsed ms"
  [ "$failures" = "$before" ] || podman logs --tail 10 "$container" 2>&1 | cut -c1-300
}

check_run "the image's own user" 10001 "${data% *}" "${data#* }"
check_run "a user that nobody knows, of group 0" 1234567 "${data% *}" "${data#* }" --user 1234567:0
check_run "a user and a group that nobody knows, with a volume of its own" 2345678 2345678:2345678 700 --user 2345678:2345678

[ $failures = 0 ] || { echo "$failures of the above do not hold"; exit 1; }
echo "everything holds"
