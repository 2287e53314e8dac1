import pytest
from playwright.sync_api import sync_playwright

from attnlab.lab import attention_heatmap, lecture
from attnlab.lab.widgets.assets import style
from needs import chromium

PAGE = """<style>:root { --jp-code-font-size: 13px } pre { font-size: var(--jp-code-font-size) }
caption, td { font-size: 13px } %s</style>
<div class="jp-OutputArea-output"><pre>text</pre></div><img alt="">
<div class="jp-RenderedHTMLCommon"><table><caption>c</caption><tr><td>1</td></tr></table></div>
<div class="attnlab"><svg><text class="attn-caption">query</text></svg></div>"""
SIZES = """() => Object.fromEntries(["pre", "table", "caption", ".attn-caption"].map((name) =>
  [name, parseFloat(getComputedStyle(document.querySelector(name)).fontSize)]))"""
RUN = """html => {
  const output = document.createElement("div");
  output.innerHTML = html;
  document.body.append(output);
  for (const old of output.querySelectorAll("script")) {
    const script = document.createElement("script");
    script.textContent = old.textContent;
    old.replaceWith(script);
  }
}"""


@pytest.fixture(scope="module")
def page():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium(playwright))
        page = browser.new_page()
        page.set_content(PAGE % style("figures.css"))
        yield page
        browser.close()


def test_everything_is_enlarged_at_once_and_undone(page):
    before = page.evaluate(SIZES)
    page.evaluate(RUN, lecture()._repr_html_())
    page.evaluate(RUN, lecture()._repr_html_())  # twice is as once
    assert all(size >= 20 for size in page.evaluate(SIZES).values()), page.evaluate(SIZES)
    assert page.locator("style#attn-lecture-style").count() == 1
    page.evaluate(RUN, lecture(False)._repr_html_())
    assert page.evaluate(SIZES) == before
    assert min(before.values()) < 14


def test_it_says_what_it_did_where_nothing_can_be_enlarged():
    assert "lecture(False)" in repr(lecture())
    assert lecture()._repr_html_().startswith(f"<p>{lecture()}</p>")


def test_what_else_than_true_or_false_is_refused():
    with pytest.raises(TypeError, match=r"on is 'off': lecture\(\) enlarges, lecture\(False\)"):
        lecture("off")


def test_figures_have_a_size_for_a_room():
    style = " ".join(attention_heatmap([[1.0]]).figure._css.split())
    assert ".attn-lecture .attnlab { font-size: 20px" in style
