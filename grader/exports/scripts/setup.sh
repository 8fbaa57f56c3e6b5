#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image: Python 3.11 or newer, and the grader in a venv.
set -euo pipefail
root=${GRADER_ROOT:-/autograder}

new_enough() {
  "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
  for candidate in ${GRADER_PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if new_enough "$candidate"; then
      echo "$candidate"
      return
    fi
  done
}

python=$(find_python)
if [ -z "$python" ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update
  apt-get install -y --no-install-recommends python3.11 python3.11-venv ||
    apt-get install -y --no-install-recommends python3 python3-venv
  python=$(find_python)
fi
if [ -z "$python" ]; then
  echo "setup.sh: expected Python 3.11 or newer; choose a newer base image" >&2
  exit 1
fi

"$python" -m venv "$root/venv"
"$root/venv/bin/pip" install --no-cache-dir --disable-pip-version-check \
  --find-links "$root/source/wheels" -r "$root/source/requirements.txt"
chmod -R go= "$root/source" # the key holds every answer: no student's code may read it
"$root/venv/bin/grader" doctor
