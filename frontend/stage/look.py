"""The stage's look: what the performer set, and the theme that it is shown in. Pure; no thread of its own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from frontend.stage.faces import StageFont, inconsolata
from frontend.stage.settings import CORNERS, DEFAULTS, StageSettings
from frontend.stage.themes import AS_DESIGNED, StageTheme


@dataclass(frozen=True)
class StageLook:
    """All that decides how a text is shown, but for the size of the window."""

    settings: StageSettings = DEFAULTS
    theme: StageTheme = AS_DESIGNED
    face: StageFont = field(default_factory=inconsolata)

    @property
    def coloured(self) -> bool:
        """Whether letters have the colours of their voices."""
        return self.theme.coloured if self.settings.colour == "theme" else self.settings.colour == "voices"

    def alpha(self, designed: float) -> float:
        """The opacity of a line that by its age would have ``designed``."""
        return max(self.theme.least_alpha, 1.0 - self.settings.fade * (1.0 - designed))

    @property
    def upright(self) -> StageLook:
        """The same on a straight screen: all that decides where letters stand within the picture."""
        corners = dict.fromkeys(CORNERS, (0.0, 0.0))
        return StageLook(replace(self.settings, screen=0, **corners), self.theme, self.face)  # type: ignore[arg-type]
