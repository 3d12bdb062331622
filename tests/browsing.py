"""A page in a real browser, and what it asked for and complained of; `browser` of conftest.py opens it."""

from __future__ import annotations

import os
import shutil
from typing import Any

WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
CHROMIUM = os.environ.get("DRAWDOWN_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


class Watched:
    """A new page of a browser's context, not yet gone anywhere."""

    def __init__(self, context: Any, patience: float = 20.0) -> None:
        self.context = context
        self.patience = patience
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page = context.new_page()
        self.page.set_default_timeout(1000 * patience)
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.on("console", lambda m: m.type in ("error", "warning") and self.complaints.append(m.text))
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))

    def text(self, selector: str) -> str:
        """Return what an element shows, on one line."""
        return " ".join(self.page.inner_text(selector).split())

    def until(self, expression: str) -> None:
        """Wait until an expression holds (Playwright's own way of waiting is against the pages' policy)."""
        for _ in range(int(20 * self.patience)):
            if self.page.evaluate(expression):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"never came true: {expression}")

    def beyond(self, *own: str) -> list[str]:
        """Return what it asked for that begins with none of these, nor was in the page itself."""
        return [url for url in self.asked if not url.startswith((*own, "data:", "blob:"))]

    def swipe(self, x: float, y: float, by: float, down: float = 0.0, steps: int = 6) -> None:
        """Put a finger down, move it across and down by so many pixels, and lift it."""
        touch = self.context.new_cdp_session(self.page)

        def send(kind: str, *at: float) -> None:
            points = [{"x": at[0], "y": at[1]}] if at else []
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        send("touchStart", x, y)
        for step in range(1, steps + 1):
            send("touchMove", x + by * step / steps, y + down * step / steps)
        send("touchEnd")
        touch.detach()

    @property
    def fits(self) -> bool:
        """Whether there is nothing to scroll sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
