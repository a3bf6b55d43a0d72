"""Check the built site: python docs/check_site.py [build/site]; prints each fault, and returns their number.

Links and anchors lead somewhere, pictures have a text, each page has one heading of the first level and skips
no level, there is a title, a description, a language and a viewport, and nothing is fetched from elsewhere.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

__all__ = ["contrast", "faults"]

# Pages that Sphinx makes of what others say.
_MADE = ("genindex.html", "search.html", "py-modindex.html")


@dataclass
class Page(HTMLParser):
    """What is looked at in a page."""

    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    headings: list[int] = field(default_factory=list)
    without_text: list[str] = field(default_factory=list)
    language: str | None = None
    viewport: bool = False
    description: str = ""
    title: str = ""

    def __post_init__(self) -> None:
        """Begin outside any tag."""
        super().__init__()
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links, anchors, headings and pictures."""
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.add(given["id"])
        if tag == "html":
            self.language = given.get("lang")
        if tag == "meta" and given.get("name") == "viewport":
            self.viewport = True
        if tag == "meta" and given.get("name") == "description":
            self.description = given.get("content", "")
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag in ("script", "img") and "src" in given:
            self.fetched.append(given["src"])
        if tag == "link" and given.get("rel") in ("stylesheet", "preload", "icon"):
            self.fetched.append(given["href"])
        if tag == "img" and not given.get("alt", "").strip() and given.get("role") != "presentation":
            self.without_text.append(given.get("src", ""))
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self.headings.append(int(tag[1]))
        self._in_title = tag == "title"

    def handle_data(self, data: str) -> None:
        """Note the title."""
        if self._in_title:
            self.title += data


def faults(site: Path) -> list[str]:
    """Return a line for each fault."""
    pages = {path: _read(path) for path in sorted(site.rglob("*.html"))}
    found = [] if pages else [f"{site} has no pages"]
    for path, page in pages.items():
        name = path.relative_to(site).as_posix()
        found += [f"{name}: {fault}" for fault in _of_page(name, page)]
        found += [f"{name}: {fault}" for fault in _dead_links(site, path, page, pages)]
    return found


def contrast(one: str, other: str) -> float:
    """Return the ratio of the luminance of two colours, ``#rrggbb``, as WCAG 2 defines it; from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _read(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def _of_page(name: str, page: Page) -> Iterator[str]:
    if not page.title.strip():
        yield "no title"
    if not page.language:
        yield "no language"
    if not page.viewport:
        yield "no viewport"
    if not page.description.strip():
        yield "no description"
    for source in page.without_text:
        yield f"the picture {source} has no text"
    for source in page.fetched:
        if source.startswith(("http:", "https:", "//")):
            yield f"{source} is fetched from elsewhere"
    if name not in _MADE and not name.startswith("_modules"):
        if page.headings.count(1) != 1:
            yield f"{page.headings.count(1)} headings of the first level"
        for before, after in zip(page.headings, page.headings[1:], strict=False):
            if after > before + 1:
                yield f"a heading of level {after} follows one of level {before}"


def _dead_links(site: Path, path: Path, page: Page, pages: dict[Path, Page]) -> Iterator[str]:
    for link in page.links:
        if link.startswith(("http:", "https:", "mailto:", "data:")):
            continue
        target, _, anchor = unquote(link).partition("#")
        leads_to = (path.parent / target).resolve() if target else path
        if leads_to.is_dir():
            leads_to /= "index.html"
        if not leads_to.exists():
            yield f"the link {link} leads nowhere"
        elif anchor and leads_to in pages and anchor not in pages[leads_to].ids:
            yield f"the link {link} has no such anchor"


if __name__ == "__main__":
    told = faults(Path(sys.argv[1] if len(sys.argv) > 1 else "build/site").resolve())
    print("\n".join(told) or "no fault")
    sys.exit(min(len(told), 1))
