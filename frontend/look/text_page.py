"""A text as a page for a browser: every character in its voices' colour, and under the pointer who wrote it.

One file that needs nothing else: typeface, script and pictures are in it. Pure; no thread of its own.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from frontend.look.colour import Palette, hex_of_rgb
from frontend.look.theme import DARK
from protocol.measures import NO_SURPRISE
from protocol.messages import Tint

ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}  # so that no text ends the script


@dataclass(frozen=True)
class TimedText:
    """A text with one tint, level of surprise and time (seconds) a character; ``voices`` are (name, colour).

    ``pictures`` are PNG files that stand behind the characters of these places.
    """

    title: str
    caption: str
    voices: Sequence[tuple[str, str]]
    text: str
    tints: Sequence[Tint]
    surprises: Sequence[int]
    times: Sequence[float]
    pictures: Mapping[int, bytes] = field(default_factory=dict)
    face: bytes = b""  # the typeface of the text, a TrueType file; none: what the reader has


def html(sheet: TimedText) -> str:
    """The page, whole. ``text``, ``tints``, ``surprises`` and ``times`` are of one length."""
    palette = Palette([colour for _, colour in sheet.voices])
    kinds: dict[tuple[Tint, str], int] = {}  # tints and colours by number: many of them come again and again
    body = []
    letters = zip(sheet.text, sheet.tints, palette.text(sheet.tints), strict=True)
    for place, (character, tint, rgb) in enumerate(letters):
        kind = kinds.setdefault((tint, hex_of_rgb(rgb)), len(kinds))
        letter = f"<i class=k{kind}>{escape(character, quote=False)}</i>"
        if place in sheet.pictures:
            source = f"data:image/png;base64,{b64encode(sheet.pictures[place]).decode()}"
            letter = f'<span>{letter}<img alt="" src="{source}"></span>'
        body.append(letter)
    styles = "".join(f".k{kind}{{color:{colour}}}" for (tint, colour), kind in kinds.items() if tint)
    data = {
        "voices": [list(voice) for voice in sheet.voices],
        "kinds": [list(map(list, tint)) for tint, _ in kinds],
        "bits": [None if level == NO_SURPRISE else round(level / 16, 1) for level in sheet.surprises],
        "times": [round(t, 1) for t in sheet.times],
    }
    script_data = json.dumps(data, separators=(",", ":")).translate(ESCAPES)
    legend = "".join(
        f'<li><b style="background:{escape(colour)}"></b>{escape(name)}</li>' for name, colour in _speaking(sheet)
    )
    return PAGE.format(
        title=escape(sheet.title),
        caption=escape(sheet.caption),
        face=FACE.format(b64encode(sheet.face).decode()) if sheet.face else "",
        styles=styles,
        legend=legend,
        text="".join(body),
        data=script_data,
        **vars(DARK),
    )


def _speaking(sheet: TimedText) -> list[tuple[str, str]]:
    """The voices that wrote any of it, those that wrote most first."""
    written = [0] * len(sheet.voices)
    for tint in sheet.tints:
        for voice, share in tint:
            if voice < len(written):
                written[voice] += share
    order = sorted(range(len(written)), key=lambda voice: -written[voice])
    return [sheet.voices[voice] for voice in order if written[voice]]


FACE = "@font-face{{font-family:Inconsolata;src:url(data:font/ttf;base64,{})}}\n"

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title}</title>
<style>
{face}body{{background:{stage};color:{hi};margin:0;font:14px/1.5 Roboto,Helvetica,Arial,sans-serif}}
main{{max-width:46rem;margin:0 auto;padding:3rem 1.5rem 10rem}}
h1{{font-size:16px;font-weight:500;margin:0}}
header p{{color:{low};margin:.25rem 0 0}}
ul{{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;padding:0;margin:1rem 0 2.5rem;color:{mid}}}
ul b{{display:inline-block;width:.7em;height:.7em;border-radius:2px;margin-right:.45em}}
pre{{font:21px/1.5 Inconsolata,"DejaVu Sans Mono",Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere;
margin:0}}
i{{font-style:normal}}
i:hover{{background:{bg3}}}
pre span{{white-space:nowrap}}
img{{image-rendering:pixelated;margin:-9px 0 0 5px;vertical-align:baseline;position:relative;transition:transform .2s;
transform-origin:left bottom}}
img:hover{{transform:scale(6);z-index:1}}
#who{{position:fixed;display:none;pointer-events:none;background:{bg1};border:1px solid {line};border-radius:8px;
padding:10px 14px;color:{mid}}}
#who p{{margin:0 0 6px;color:{low}}}
#who div{{display:grid;grid-template-columns:11rem 7rem 2.6rem;gap:10px;align-items:center;white-space:nowrap}}
#who s{{height:6px;border-radius:2px;text-decoration:none}}
#who u{{text-decoration:none;text-align:right}}
{styles}
</style>
<main><header><h1>{title}</h1><p>{caption}</p><ul>{legend}</ul></header><pre>{text}</pre></main><aside id="who"></aside>
<script>
const data={data}
const who=document.getElementById("who"),all=document.querySelectorAll("pre i")
const place=new Map();for(let n=0;n<all.length;n++)place.set(all[n],n)
function clock(t){{const s=Math.floor(t);return Math.floor(s/60)+":"+String(s%60).padStart(2,"0")}}
document.addEventListener("mousemove",event=>{{
  const n=place.get(event.target)
  if(n===undefined){{who.style.display="none";return}}
  const tint=data.kinds[Number(event.target.className.slice(1))]
  who.replaceChildren()
  const head=document.createElement("p")
  head.textContent=clock(data.times[n])+(data.bits[n]===null?" · nobody's":" · "+data.bits[n].toFixed(1)+" bits")
  who.append(head)
  for(const [voice,share] of tint){{
    const row=document.createElement("div"),name=document.createElement("span")
    const bar=document.createElement("s"),part=document.createElement("u"),[called,colour]=data.voices[voice]
    name.textContent=called;bar.style.background=colour;bar.style.width=100*share/255+"%"
    part.textContent=Math.round(100*share/255)+"%"
    row.append(name,bar,part);who.append(row)
  }}
  who.style.display="block"
  const box=who.getBoundingClientRect()
  who.style.left=Math.min(event.clientX+16,innerWidth-box.width-8)+"px"
  who.style.top=(event.clientY+24+box.height>innerHeight?event.clientY-box.height-12:event.clientY+24)+"px"
}})
</script>
</html>
"""
