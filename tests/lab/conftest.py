"""A browser for the figures that stand on a page of their own."""

import pytest
from playwright.sync_api import sync_playwright

from needs import chromium


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium(playwright))
        yield browser
        browser.close()
