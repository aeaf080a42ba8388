"""The stage's look: what the performer set, and the theme that it is shown in. Pure; no thread of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace

from frontend.stage.settings import CORNERS, DEFAULTS, StageSettings
from frontend.stage.themes import AS_DESIGNED, StageTheme


@dataclass(frozen=True)
class StageLook:
    """All that decides how a text is shown, but for the size of the window."""

    settings: StageSettings = DEFAULTS
    theme: StageTheme = AS_DESIGNED

    @property
    def coloured(self) -> bool:
        """Whether letters have the colours of their voices."""
        return self.theme.coloured if self.settings.colour == "theme" else self.settings.colour == "voices"

    def alpha(self, designed: float) -> float:
        """The opacity of a line that by its age would have ``designed``."""
        return max(self.theme.least_alpha, 1.0 - self.settings.fade * (1.0 - designed))

    @property
    def upright(self) -> StageLook:
        """The same with no corner moved."""
        return StageLook(replace(self.settings, **dict.fromkeys(CORNERS, (0.0, 0.0))), self.theme)  # type: ignore[arg-type]
