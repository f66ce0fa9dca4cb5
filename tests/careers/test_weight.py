"""On a phone with a slow line: the first page under 60 kB with all it needs, and no secret in what is compressed."""

import re
from uuid import UUID

import pytest

from recruit.compressing import may_compress
from recruit.site import Site
from tests import factories
from tests.browsing import Client
from tests.conftest import Time

LIMIT = 60_000
POSTING = "Vi søker en systemutvikler som liker å bygge ting som varer. " * 40
FACE = re.compile(r'@font-face \{[^}]*url\("([^"]+)"\)[^}]*unicode-range: ([^;]+);')


async def transferred(client: Client, path: str) -> tuple[str, int]:
    """The text of an answer, and how many bytes came over the line."""
    answer = await client.get(path, headers={"accept-language": "nb", "accept-encoding": "gzip"})
    assert answer.status_code == 200, path
    return answer.text, answer.num_bytes_downloaded


def faces_for(text: str, css: str) -> set[str]:
    """The font files that a browser loads for these characters."""
    found = set()
    for address, ranges in FACE.findall(css):
        spans = [part.strip().removeprefix("U+").split("-") for part in ranges.split(",")]
        if any(int(span[0], 16) <= ord(c) <= int(span[-1], 16) for span in spans for c in set(text)):
            found.add(address)
    return found


@pytest.mark.parametrize("page", ["/", "/positions/{}", "/positions/{}/apply", "/enquiry"])
async def test_a_first_page_weighs_under_sixty_kilobytes_in_all(
    site: Site, client: Client, time: Time, page: str
) -> None:
    vacancy = await factories.vacancy(site, time.now)
    await site.records.run_sql("UPDATE vacancy SET posting_nb = ?, typed_cv = ? WHERE id = ?", POSTING, True, vacancy)
    html, weight = await transferred(client, page.format(vacancy))
    files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', html))
    css, _ = await transferred(client, next(file for file in files if ".css" in file))
    words = re.sub(r"<script[^>]*>.*?</script>|<[^>]+>", " ", html, flags=re.DOTALL)
    faces = faces_for(words, css)
    assert len(faces) == 2, "ordinary Norwegian text needs the two files of Latin letters alone"
    for file in files | faces:
        weight += (await transferred(client, file))[1]
    assert weight < LIMIT


async def test_what_is_compressed_comes_back_the_same_and_is_kept_under_its_own_address(
    site: Site, client: Client
) -> None:
    plain = await client.get("/", headers={"accept-encoding": "identity"})
    (css,) = re.findall(r'href="(/static/app\.css\?[0-9a-f]{8})"', plain.text)
    squeezed = await client.get(css, headers={"accept-encoding": "gzip"})
    assert squeezed.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in squeezed.headers["vary"].lower()
    assert "max-age=604800" in squeezed.headers["cache-control"]
    assert squeezed.text == (await client.get(css, headers={"accept-encoding": "identity"})).text


NUMBER = UUID(int=7)


@pytest.mark.parametrize(
    ("path", "cookies", "allowed"),
    [
        ("/static/app.css", "recruit=x", True),
        ("/static/fonts/source-sans-3-latin-400-normal.woff2", "", False),
        ("/", "", True),
        ("/", "lang=nb", True),
        ("/", "lang=nb; recruit=secret", False),
        ("/", "__Host-recruit=secret", False),
        ("/", "flash=Saved", False),
        (f"/positions/{NUMBER}", "", True),
        (f"/positions/{NUMBER}/apply", "", False),
        (f"/positions/{NUMBER}/review", "", False),
        (f"/positions/begun/{NUMBER}", "", False),
        ("/positions/begun/abcdefabcdefabcdefabcdefabcdefabcdef", "", False),
        ("/enquiry", "", False),
        ("/my", "", False),
        ("/r/abc", "", False),
        ("/desk", "", False),
    ],
)
def test_no_page_with_a_secret_is_compressed(path: str, cookies: str, allowed: bool) -> None:
    assert may_compress("GET", path, cookies) is allowed
    assert may_compress("POST", path, cookies) is False
