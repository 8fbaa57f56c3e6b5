"""A browser for the tests of pages: Debian's Chromium, driven by Playwright, with nothing reachable but files."""

import os
import shutil
from contextlib import contextmanager

import pytest

ARGUMENTS = """
    --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --disable-dev-shm-usage
"""
REQUIRED = "GRADER_BROWSER"
"""Set to "required" where a test that finds no browser is to fail."""


def executable():
    """Chromium's path, or why there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def browser():
    """The browser; where there is none the test is skipped, or fails where one is required."""
    found = executable()
    if found is None:
        why = "no Chromium here: pages are not tested in a browser (Debian: apt-get install chromium)"
        if os.environ.get(REQUIRED) == "required":
            pytest.fail(why)
        pytest.skip(why)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=ARGUMENTS.split())
        try:
            yield opened
        finally:
            opened.close()
