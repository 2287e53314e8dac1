"""The colours of the course on light paper, for pictures that do not move."""

import re

from attnlab.lab.widgets.assets import style

_NAMED = re.compile(r"--attn-(\w+): (#[0-9a-f]{6});")

# By the names that palette.css gives them in its first rule: query, key, ink, quiet, ring ...
PALETTE = dict(_NAMED.findall(style("palette.css").partition("}")[0]))
