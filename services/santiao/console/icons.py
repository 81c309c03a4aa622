"""Drawings beside words: a path per name on a grid of 24, drawn with the text's own colour. A drawing never stands without its word."""

from markupsafe import Markup

_PATHS = {
    "alert": "M12 3 2 20.5h20L12 3zm0 6v5.5m0 2.8v.2",
    "archive": "M4 8h16v12H4zM3 4h18v4H3zm6 8h6",
    "arrow-left": "M20 12H5m6-6-6 6 6 6",
    "ban": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM5.8 5.8l12.4 12.4",
    "building": "M5 21V5l8-2v18m0-12h6v12M3 21h18M8 8h2m-2 4h2m-2 4h2m6-4h1m-1 4h1",
    "chart": "M4 20V4M4 20h16M8.5 16v-4m4 4V8m4 8v-6",
    "check": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm-4 9.2 2.8 2.8L16 9.6",
    "clock": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 4.5V12l3.2 2",
    "close": "M6 6l12 12M18 6 6 18",
    "dash": "M6 12h12",
    "down": "m6 9 6 6 6-6",
    "eye": "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6z",
    "file": "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6m-6 4h6",
    "filter": "M3 5h18l-7 8.5V20l-4-2v-4.5z",
    "flag": "M6 21V4m0 0h11l-2 4 2 4H6",
    "info": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 8v5.5m0-8.8v.2",
    "keyboard": "M3 6h18v12H3zm4 4h.1m3.9 0h.1m3.9 0h.1M8 14h8",
    "link": "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1.2 1.2M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1.2-1.2",
    "list": "M8 6h13M8 12h13M8 18h13M3.5 6h.1m-.1 6h.1m-.1 6h.1",
    "lock": "M6 11h12v10H6zm2.5 0V7.5a3.5 3.5 0 0 1 7 0V11",
    "mail": "M3 6h18v12H3zm0 .5 9 7 9-7",
    "pause": "M9 6v12m6-12v12",
    "play": "M8 5.5v13l10-6.5z",
    "pulse": "M3 12h4l3-7 4 14 3-7h4",
    "refresh": "M20 11a8 8 0 0 0-14.5-3.5L3 10m0-5v5h5M4 13a8 8 0 0 0 14.5 3.5L21 14m0 5v-5h-5",
    "scale": "M12 3v18M8 21h8M5 6h14M5 6l-3 7h6zm14 0-3 7h6z",
    "search": "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zm5 11.5L21 21",
    "split": "M6 4v5c0 3 2 4 6 4s6 1 6 4v3M6 20v-3c0-1.5.6-2.6 1.8-3.3M15 17l3 3 3-3",
    "swap": "M4 8h14m-4-4 4 4-4 4M20 16H6m4 4-4-4 4-4",
    "undo": "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
    "user": "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20.5a7.5 7.5 0 0 1 15 0",
    "users": "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM2.5 20a6.5 6.5 0 0 1 13 0M16 5.3a3.5 3.5 0 0 1 0 6.4M18 14.2a6.5 6.5 0 0 1 3.5 5.8",
}


def draw(name: str) -> Markup:
    """The drawing as inline SVG, hidden from readers of the words."""
    return Markup(  # noqa: S704 (the table above is all that goes in)
        '<svg class="icon" viewBox="0 0 24 24" width="16" height="16" aria-hidden="true" focusable="false">'
        f'<path d="{_PATHS[name]}"/></svg>'
    )
