"""The types of the arrays in signatures: `Float[Array, "query d_k"]` and the like, of jaxtyping.

Annotations are not evaluated where the package is only used, and `import attnlab` need not wait
for jaxtyping. Who checks shapes while a program runs puts jaxtyping in the place of this module
before attnlab is imported, as our own tests do:

    sys.modules["attnlab.core.shapes"] = jaxtyping
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Integer, Real
else:
    Bool = Float = Integer = Real = Any

__all__ = ["Bool", "Float", "Integer", "Real"]
