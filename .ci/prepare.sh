#!/bin/sh
# What pip cannot do. `sh .ci/prepare.sh play VENV` (or `test VENV`) finds a Python, installs the system packages that
# are missing and makes VENV. Packages come by apt where this is root or sudo asks for no password; elsewhere one line
# says what to install. The Makefile calls it; it does nothing where nothing is missing.
set -eu
purpose=$1 venv=$2
missing="" # Debian packages

say() { echo "antiphon: $*" >&2; }

# ---- what is missing -------------------------------------------------------------------------------------------

libraries=$({ /sbin/ldconfig -p || ldconfig -p; } 2>/dev/null || true)
library() { case "$libraries" in *"$1 "*) ;; *) missing="$missing $2" ;; esac; }
program() { command -v "$1" >/dev/null || missing="$missing $2"; }
file() { [ -e "$1" ] || missing="$missing $2"; }

recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
python=""
for candidate in ${PYTHON:-python3.12 python3.11 python3 python3.13 python3.14 python}; do
    if recent "$candidate"; then python=$candidate && break; fi
done
if [ -z "$python" ]; then
    say "no Python 3.11 or newer was found; install one (Debian 12, Ubuntu 24.04 or newer: apt-get install python3" \
        "python3-venv; Fedora: dnf install python3; macOS: brew install python) or name it: make PYTHON=/path/to/python3"
    exit 1
fi
version=$("$python" -c 'import sys; print("{}.{}".format(*sys.version_info))')
can_make_venv() { "$python" -c 'import ensurepip, venv' 2>/dev/null; }

can_make_venv || missing="$missing python$version-venv"
if [ "$(uname -s)" = Linux ]; then
    library libGL.so.1 libgl1
    library libEGL.so.1 libegl1
    library libX11.so.6 libx11-6
    library libXext.so.6 libxext6
    library libXrender.so.1 libxrender1
    library libXrandr.so.2 libxrandr2
    library libXinerama.so.1 libxinerama1
    library libXi.so.6 libxi6
    library libfontconfig.so.1 libfontconfig1
    library libfreetype.so.6 libfreetype6
    library libasound.so.2 libasound2
    file /usr/share/fonts fonts-dejavu-core
    if ! "$python" -c 'import sys; sys.exit(sys.version_info >= (3, 13))'; then # MIDI is compiled there: no wheel yet
        program c++ g++
        program pkg-config pkg-config
        file /usr/include/alsa/asoundlib.h libasound2-dev
        file "$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" "python$version-dev"
    fi
fi
if [ "$purpose" = test ]; then # a screen, hands, a MIDI cable and a network that are made of software
    program Xvfb xvfb
    program xauth xauth
    program xdotool xdotool
    program xrandr x11-xserver-utils
    program jackd jackd2
    program ip iproute2
    program ffmpeg ffmpeg
    command -v /usr/sbin/mosquitto >/dev/null || program mosquitto mosquitto
    browser="" # the phone page is tried in one; benchmarks/browser.py looks for the same names
    for name in chromium-headless-shell chromium chromium-browser google-chrome headless_shell; do
        if command -v "$name" >/dev/null; then browser=$name && break; fi
    done
    [ -n "$browser" ] || missing="$missing chromium-headless-shell"
fi

# ---- get it, or say what to get --------------------------------------------------------------------------------

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
may_install() { command -v apt-get >/dev/null && as_root true 2>/dev/null; }
quietly() { said=$(as_root "$@" 2>&1) || { echo "$said" >&2 && return 1; }; } # what it says matters only if it fails
install_missing() {
    say "installing$missing"
    quietly apt-get update -qq || return 1
    if apt-cache show libasound2t64 >/dev/null 2>&1; then # its name since Debian 13 and Ubuntu 24.04
        missing=$(echo "$missing " | sed 's/ libasound2 / libasound2t64 /')
    fi
    for name in chromium-headless-shell chromium; do # Ubuntu has neither, and a snap is not for a test
        if apt-cache show "$name" >/dev/null 2>&1; then break; fi
        name=""
    done
    missing=$(echo "$missing " | sed "s/ chromium-headless-shell / $name /")
    # shellcheck disable=SC2086  # a list of words
    quietly env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 $missing
}

if [ -n "$missing" ] && ! { may_install && install_missing; }; then
    fedora="python3 mesa-libGL mesa-libEGL libXrandr libXinerama libXi fontconfig alsa-lib dejavu-sans-fonts"
    macos="python"
    if [ "$purpose" = test ]; then
        fedora="$fedora xorg-x11-server-Xvfb xauth xdotool xrandr jack-audio-connection-kit chromium-headless ffmpeg-free mosquitto"
        macos="$macos xdotool jack xquartz chromium ffmpeg mosquitto"
    fi
    say "this machine lacks some packages; install them on Debian or Ubuntu: sudo apt-get install$missing;" \
        "on Fedora: sudo dnf install $fedora; on macOS: brew install $macos"
    can_make_venv || exit 1 # without the rest there is still the terminal
fi

# ---- the virtual environment -----------------------------------------------------------------------------------

if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    say "making $venv with Python $version"
    "$python" -m venv --clear "$venv"
fi
