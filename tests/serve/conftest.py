from __future__ import annotations

from collections.abc import Iterator

import pytest
from worlds import camps

pytest.importorskip("starlette", reason="no Starlette: pip install '.[serve]'")
pytest.importorskip("uvicorn", reason="no Uvicorn: pip install '.[serve]'")


@pytest.fixture(scope="module")
def site() -> Iterator[object]:
    """Serve the small case."""
    from serving import served

    with served(camps(40)) as client:
        yield client
