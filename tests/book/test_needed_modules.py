"""Of html-manager's bundle the book takes only the modules that figures use."""

import pytest

from attnlab.book.front_end import needed


def module(name: str, body: str = "") -> str:
    licence = "/*! For license information please see base.js.LICENSE.txt */\n"
    return f'{licence}define("@jupyter-widgets/{name}",["module"],(e=>{{{body}}}));\n'


ALL = ["base", "controls", "base7", "controls7", "html-manager", "html-manager/dist/libembed-amd"]


def test_the_widgets_of_old_versions_are_left_out():
    kept = needed("".join(module(name, f"return '{name}'") for name in ALL))
    assert [name for name in ALL if f"return '{name}'" in kept] == [
        "base",
        "controls",
        "html-manager",
    ]


def test_a_module_is_kept_whole_even_if_it_names_others():
    body = 'define("@jupyter-widgets/base7");\n  return 1'
    kept = needed(module("base", body) + module("controls") + module("html-manager"))
    assert body in kept


@pytest.mark.parametrize("name", ["base", "controls", "html-manager"])
def test_a_bundle_of_another_make_is_refused_with_the_cure(name):
    rest = "".join(module(other) for other in ALL if other != name)
    with pytest.raises(ValueError, match="npm ci installs the version"):
        needed(rest)
