#!/usr/bin/env bash
# The README's pictures, control.png and performance.png in docs/pictures: real performances, photographed at their end.
#   xvfb-run -a -s "-screen 0 1920x1080x24" bash docs/photograph.sh [SECONDS] [SEED]
set -euo pipefail
cd "$(dirname "$0")/.."

.venv/bin/antiphon play --seconds "${1:-41}" --seed "${2:-3}" --port 0 --no-stage --picture docs/pictures/control.png &
playing=$!

window=""
until [ -n "$window" ]; do
    sleep 1
    window=$(xdotool search --onlyvisible --name '^Antiphon$' || true)
done
sleep 4

hand() { xdotool mousemove --window "$window" "$1" "$2" && sleep 0.2; }
hand 1438 288 # the middle of the puck's circle, whose radius is 132 in a window of 1920 x 1080
xdotool mousedown 1
for place in "1392 384" "1538 311" "1486 376" "1518 228" "1534 274"; do # linux, bible, frankenstein, austen, between
    # shellcheck disable=SC2086  # two words
    hand $place
    sleep 6.3
done
xdotool mouseup 1
hand 900 1070 # out of the way
wait "$playing"

# what the audience sees, of another performance: the opening mix, untouched
.venv/bin/antiphon play --seconds 40 --seed "${2:-3}" --port 0 --stage-picture docs/pictures/performance.png
