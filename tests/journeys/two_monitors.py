"""`antiphon` on a screen of software that is split in two: ``python -m tests.journeys.two_monitors WORDS``.

Xvfb's RandR tells of one output; monitors that xrandr set are told by Xinerama alone, so pyglet is not to ask RandR.
"""

import pyglet.display.xlib

import antiphon

if __name__ == "__main__":
    pyglet.display.xlib._have_xrandr = False
    antiphon.main()
