"""Which screen the stage goes to, and whether it really got there.

Window systems put borderless and full-screen windows where they like (pyglet #763, #1246, #1330). So the stage is
opened borderless over the screen, looked at half a second later, and helped on where it stands wrong: moved, then made
full screen, and if nothing helps left as a plain window to be dragged. Pure: ``frontend.stage.window`` takes the
steps. UI thread.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

CHECK_AFTER_S = 0.5  # seconds; window managers take their time
STAGE_PROPORTION = (16, 9)
LEAST_WIDTH_PX = 480  # of a stage beside the control window
NEAR_PX = 2  # pixels that a window may be off and still counts as there


@dataclass(frozen=True)
class ScreenArea:
    """A rectangle of the desktop: left, top, width and height in the window system's pixels, y down."""

    x: int
    y: int
    width: int
    height: int

    def shared(self, other: ScreenArea) -> int:
        """How many pixels both have in common."""
        wide = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        high = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        return max(0, wide) * max(0, high)

    def near(self, other: ScreenArea) -> bool:
        mine, others = (self.x, self.y, self.width, self.height), (other.x, other.y, other.width, other.height)
        return all(abs(one - two) <= NEAR_PX for one, two in zip(mine, others, strict=True))


def candidates(screens: Sequence[ScreenArea], control: ScreenArea | None) -> list[int]:
    """The screens that the stage may go to, as indices into ``screens``, the best first; empty with one screen.

    Not the one where most of the ``control`` window is (the first, where there is none), nor one that shows the same
    part of the desktop. Large ones first; of equal ones the first of the list.
    """
    lit = [index for index, screen in enumerate(screens) if screen.width > 0 and screen.height > 0]
    if not lit:
        return []
    own = screens[lit[0]] if control is None else max((screens[i] for i in lit), key=control.shared)
    apart = [index for index in lit if 2 * screens[index].shared(own) < screens[index].width * screens[index].height]
    return sorted(apart, key=lambda index: -screens[index].width * screens[index].height)


def beside(screen: ScreenArea, control: ScreenArea) -> ScreenArea | None:
    """The largest place of the stage's proportions on ``screen`` beside, below or above the ``control`` window.

    None where it leaves no room for a picture that can be read.
    """
    right, bottom = screen.x + screen.width, screen.y + screen.height
    rooms = (
        ScreenArea(control.x + control.width, screen.y, right - control.x - control.width, screen.height),
        ScreenArea(screen.x, control.y + control.height, screen.width, bottom - control.y - control.height),
        ScreenArea(screen.x, screen.y, control.x - screen.x, screen.height),
        ScreenArea(screen.x, screen.y, screen.width, control.y - screen.y),
    )
    places = []
    for room in rooms:
        wide = min(room.width, room.height * STAGE_PROPORTION[0] // STAGE_PROPORTION[1])
        if wide >= LEAST_WIDTH_PX:
            places.append(ScreenArea(room.x, room.y, wide, wide * STAGE_PROPORTION[1] // STAGE_PROPORTION[0]))
    return max(places, key=lambda area: area.width, default=None)


@dataclass(frozen=True)
class ScreenChoice:
    """Which screen of those that there are the stage is to be on, None for a plain window; ``away`` from its own."""

    screen: int | None
    away: bool = False


def place(
    screens: Sequence[ScreenArea], home: ScreenArea | None, plain: bool, control: ScreenArea | None
) -> ScreenChoice:
    """Where the stage is to be now that screens came or went.

    Its ``home`` is the screen where it was put last, if it ever was on one; ``plain``: it was made a plain window by
    hand and stays one. While its home is unplugged it goes where there is room, and back as soon as that is possible.
    """
    if plain:
        return ScreenChoice(None)
    if home in screens:
        return ScreenChoice(screens.index(home))
    found = candidates(screens, control)
    return ScreenChoice(found[0] if found else None, away=home is not None)


class PlacementStep(enum.Enum):
    """What was done last to bring the stage to its screen."""

    BORDERLESS = "opened without borders over the screen"
    MOVED = "moved there"
    FULL_SCREEN = "made full screen there"
    WINDOWED = "left as a plain window"


NEXT = {
    PlacementStep.BORDERLESS: PlacementStep.MOVED,
    PlacementStep.MOVED: PlacementStep.FULL_SCREEN,
    PlacementStep.FULL_SCREEN: PlacementStep.WINDOWED,
}


class Placement:
    """The way of a window to ``screen``, from its opening at ``now`` (monotonic seconds) until it is ``settled``."""

    def __init__(self, screen: ScreenArea, now: float) -> None:
        self.screen = screen
        self.step = PlacementStep.BORDERLESS
        self.settled = False
        self._since = now

    @property
    def trouble(self) -> str:
        """One line for the performer; empty while all is well."""
        failed = self.step is PlacementStep.WINDOWED
        return "the stage window could not be put on its screen: drag it there" if failed else ""

    def due(self, now: float) -> bool:
        """Whether it is time to look where the window stands."""
        return not self.settled and now >= self._since + CHECK_AFTER_S

    def check(self, window: ScreenArea, now: float) -> PlacementStep | None:
        """Given where the window stands, the step to take now, or None."""
        if not self.due(now):
            return None
        if window.near(self.screen):
            self.settled = True
            return None
        self.step, self._since = NEXT[self.step], now
        self.settled = self.step is PlacementStep.WINDOWED
        return self.step
