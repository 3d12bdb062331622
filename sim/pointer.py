"""How compiled code holds a world: one pointer, to a list of where its tables lie.

To Numba a NamedTuple of some forty arrays is three hundred numbers, which every function that takes a
world hands on to every function that it calls: a quarter of the time of a run, and half of that of
compiling. So a world is a type of its own here. What is handed on is the address of a list of whole
numbers, where each table has its share:

    address of its first row, length of each dimension, step in bytes along each dimension but the last

and ``world.districts`` reads from the list what compiled code needs of that table. Plain Python sees
an ordinary NamedTuple of NumPy arrays; both write to the same memory.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import typeof
from numba.core import cgutils, types
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    infer_getattr,
    lower_getattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)

_WORD = ir.IntType(64)


class PointedTo:
    """Base of a NamedTuple of arrays that compiled code takes as one pointer."""

    def __getstate__(self) -> None:
        """Keep the address out of copies and pickles: the copy's arrays lie elsewhere."""

    @cached_property
    def address(self) -> int:
        """Where the list lies that compiled code reads; made at first need, kept with the world.

        Raises ValueError for a table that compiled code would misread: of another kind than its
        namesake in the first world that was compiled for, read-only, or not in one piece.
        """
        words: list[int] = []
        for (name, dimensions, dtype), table in zip(_known_of(self).read_as, self, strict=True):  # type: ignore[call-overload]
            if table.ndim != dimensions or table.dtype != dtype or not table.flags.carray:
                raise ValueError(
                    f"world.{name}: compiled code needs a writable array of {dimensions} dimensions of "
                    f"{dtype}, in one piece; this is {table.ndim} of {table.dtype}"
                )
            words += [table.ctypes.data, *table.shape, *table.strides[:-1]]
        self._list = np.array(words, np.int64)  # lives as long as the world does
        return int(self._list.ctypes.data)


class PointerType(types.Type):  # type: ignore[misc]
    """Numba's type of such a world: the type of each table, and where its share of the list begins."""

    def __init__(self, tables: tuple[tuple[str, types.Array], ...]) -> None:
        self.tables = dict(tables)
        self.begins = {}
        words = 0
        for name, table in tables:
            self.begins[name] = words
            words += 2 * table.ndim  # the address, the lengths, all steps but the last
        layout = hashlib.sha256(repr(tables).encode()).hexdigest()[:16]
        super().__init__(f"World_{layout}")  # types of one name are one type to Numba, and to its cache


class _Known(NamedTuple):
    """What is known of a class of worlds since the first of them was seen."""

    kind: PointerType
    read_as: list[tuple[str, int, np.dtype]]
    """Name, number of dimensions and type of the numbers or rows of each table."""


_known: dict[type, _Known] = {}


def _known_of(world: Any) -> _Known:
    known = _known.get(type(world))
    if known is None:
        tables = dict(zip(world._fields, world, strict=True))
        known = _known[type(world)] = _Known(
            PointerType(tuple((name, typeof(table)) for name, table in tables.items())),
            [(name, table.ndim, table.dtype) for name, table in tables.items()],
        )
    return known


@typeof_impl.register(PointedTo)  # type: ignore[untyped-decorator]
def _typeof(world: PointedTo, _context: object) -> PointerType:
    return _known_of(world).kind


@register_model(PointerType)
class _Pointer(models.OpaqueModel):  # type: ignore[misc]
    """In compiled code such a world is a plain pointer."""


@unbox(PointerType)  # type: ignore[untyped-decorator]
def _from_python(_kind: PointerType, world: Any, context: Any) -> NativeValue:
    builder, python = context.builder, context.pyapi
    pointer = cgutils.alloca_once_value(builder, cgutils.get_null_value(cgutils.voidptr_t))
    number = python.object_getattr_string(world, "address")
    with builder.if_then(cgutils.is_not_null(builder, number)):
        builder.store(builder.inttoptr(python.long_as_ulonglong(number), cgutils.voidptr_t), pointer)
        python.decref(number)
    return NativeValue(builder.load(pointer), is_error=python.c_api_error())


@infer_getattr
class _Tables(AttributeTemplate):  # type: ignore[misc]
    """``world.districts`` has the type of that table."""

    key = PointerType

    def generic_resolve(self, kind: PointerType, name: str) -> types.Array | None:
        return kind.tables.get(name)


@lower_getattr_generic(PointerType)  # type: ignore[untyped-decorator]
def _read_table(context: Any, builder: Any, kind: PointerType, pointer: Any, name: str) -> Any:
    """Read what compiled code needs of one array.

    The loads are marked as invariant: the list does not change while its world exists, so LLVM may
    read each number once, and leaves out what nobody asks for.
    """
    array, begin = kind.tables[name], kind.begins[name]
    words = builder.bitcast(pointer, _WORD.as_pointer())

    def word(i: int) -> Any:
        value = builder.load(builder.gep(words, [ir.Constant(_WORD, begin + i)], inbounds=True))
        value.set_metadata("invariant.load", builder.module.add_metadata([]))
        return value

    n = array.ndim
    item = ir.Constant(_WORD, context.get_abi_sizeof(context.get_data_type(array.dtype)))
    lengths = [word(1 + k) for k in range(n)]
    size = lengths[0]
    for length in lengths[1:]:
        size = builder.mul(size, length)
    made = context.make_array(array)(context, builder)
    made.meminfo = cgutils.get_null_value(made.meminfo.type)  # nothing here counts references
    made.parent = cgutils.get_null_value(made.parent.type)
    made.nitems = size
    made.itemsize = item
    made.data = builder.inttoptr(word(0), made.data.type)
    made.shape = cgutils.pack_array(builder, lengths)
    made.strides = cgutils.pack_array(builder, [*(word(1 + n + k) for k in range(n - 1)), item])
    return made._getvalue()
