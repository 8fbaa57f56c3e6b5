"""The wire carries arrays and plain values, exactly; whatever else comes ends as WireError."""

import datetime
import functools
import re
import struct
import tracemalloc

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from grader.errors import WireError
from grader.model import AnswerKey, Loaded
from grader.sandbox.protocol import LoadRequest, Request, RunReply, RunRequest
from grader.wire import (
    ARRAY,
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_NDIM,
    MAX_TEXT,
    OPAQUE,
    UNCOUNTED,
    Opaque,
    check_plain,
    frame,
    pack,
    portable,
    unpack,
    unpack_reply,
)

DTYPES = st.one_of(
    st.just(np.dtype(bool)),
    arrays.integer_dtypes(endianness="?"),
    arrays.unsigned_integer_dtypes(endianness="?"),
    arrays.floating_dtypes(endianness="?"),
    arrays.complex_number_dtypes(endianness="?", sizes=(64, 128)),
)
ARRAYS = arrays.arrays(DTYPES, arrays.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4))
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    ARRAYS,
)
KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


def same(a, b):
    """Equal in type, dtype, shape and bit for bit; tuples count as lists, as they cross."""
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    if isinstance(a, (list, tuple)):
        return isinstance(b, list) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    return type(a) is type(b) and (a == b or (a != a and b != b))


def array_bytes(dtype, shape, body=b"", *, ndim=None, length=None):
    """An array as the wire writes it, with a header that may lie."""
    ndim = len(shape) if ndim is None else ndim
    length = len(dtype) if length is None else length
    return msgspec.msgpack.encode(
        msgspec.msgpack.Ext(ARRAY, struct.pack(f">BB{len(shape)}Q", length, ndim, *shape) + dtype + body)
    )


# ---------------------------------------------------------------------------------- what crosses


@given(ARRAYS)
def test_every_array_crosses_bit_for_bit(array):
    assert same(array, unpack(pack(portable(array)), object))


@given(VALUES)
def test_every_plain_value_crosses(value):
    assert same(value, unpack(pack(portable(value)), object))


@given(VALUES)
def test_the_same_value_gives_the_same_bytes(value):
    assert pack(portable(value)) == pack(portable(portable(value)))


@pytest.mark.parametrize(
    "array",
    [
        np.arange(24.0).reshape(2, 3, 4).T,
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(10)[::-2],
        np.broadcast_to(np.float32(3), (2, 3)),
    ],
    ids=["transposed", "Fortran", "strided", "broadcast"],
)
def test_memory_layout_does_not_cross(array):
    crossed = unpack(pack(portable(array)), object)
    np.testing.assert_array_equal(array, crossed)
    assert crossed.flags.c_contiguous
    assert crossed.flags.writeable


def test_what_arrives_owns_its_memory():
    crossed = unpack(pack(np.arange(3.0)), object)
    crossed[0] = 7
    assert 7 == crossed[0]
    assert crossed.base is None


def test_tuples_arrive_as_lists():
    assert [1, [2.0, "x"], None] == unpack(pack(portable((1, (2.0, "x"), None))), object)


def test_a_frame_is_its_length_and_its_bytes():
    assert b"\x00\x00\x00\x03abc" == frame(b"abc")
    assert b"\x00\x00\x00\x00" == frame(b"")


def test_an_opaque_value_crosses_by_the_name_of_its_type():
    crossed = unpack(pack(portable([object()])), object)
    assert "[<object>]" == repr(crossed)


def test_an_object_in_the_wrong_place_is_our_own_bug_and_no_silent_guess():
    with pytest.raises(NotImplementedError, match=r"^the wire carries no object$"):
        pack(object())


# ------------------------------------------------------------------------------- hostile bytes


@given(st.binary(max_size=300), st.sampled_from([object, Request, RunReply, Loaded, AnswerKey]))
@settings(max_examples=300)
def test_random_bytes_are_decoded_or_refused(data, kind):
    try:
        unpack(data, kind)
    except WireError:
        pass


@given(VALUES, st.data())
@settings(max_examples=200)
def test_bytes_changed_on_the_way_are_decoded_or_refused(value, data):
    good = bytearray(pack(portable(value)))
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        unpack(bytes(good), object)
    except WireError:
        pass


@given(st.binary(max_size=60))
@settings(max_examples=300)
def test_random_array_headers_are_decoded_or_refused(data):
    try:
        unpack(msgspec.msgpack.encode(msgspec.msgpack.Ext(ARRAY, data)), object)
    except WireError:
        pass


LIARS = {
    "more bytes than the shape needs": (array_bytes(b"<f8", (2,), b"\0" * 24), "size is not that of the bytes"),
    "fewer bytes than the shape needs": (array_bytes(b"<f8", (2,), b"\0" * 8), "size is not that of the bytes"),
    "no bytes at all": (array_bytes(b"<f8", ()), "size is not that of the bytes"),
    "a shape of exabytes": (array_bytes(b"<f8", (2**40, 2**20)), "size is not that of the bytes"),
    "a shape whose product wraps to nothing": (array_bytes(b"<f8", (2**32, 2**32)), "size is not that of the bytes"),
    "the largest shape": (array_bytes(b"<f8", (2**64 - 1,) * 32), "size is not that of the bytes"),
    "nothing times too much": (array_bytes(b"<f8", (0, 2**63)), "."),
    "nothing times nearly too much": (array_bytes(b"<f8", (0, 2**61)), "."),
    "more dimensions than come": (array_bytes(b"<f8", (1,), b"\0" * 8, ndim=3), "header is broken"),
    "255 dimensions": (array_bytes(b"<f8", (1,) * 255, b"\0" * 8), f"255 dimensions, at most {MAX_NDIM}"),
    "a dtype longer than the bytes": (array_bytes(b"<f8", (), b"", length=255), "."),
    "no dtype": (array_bytes(b"", (), b"\0" * 8), "."),
    "objects": (array_bytes(b"|O", (1,), b"\0" * 8), "array of dtype"),
    "objects by name": (array_bytes(b"object", (1,), b"\0" * 8), "."),
    "nothing, V0": (array_bytes(b"|V0", (2**40,)), "array of dtype"),
    "records": (array_bytes(b"f8,f8", (1,), b"\0" * 16), "."),
    "a subarray": (array_bytes(b"(2,3)<f8", (1,), b"\0" * 48), "."),
    "texts": (array_bytes(b"<U2", (1,), b"\0" * 8), "array of dtype"),
    "empty texts": (array_bytes(b"<U0", (2**40,)), "array of dtype"),
    "bytes": (array_bytes(b"|S8", (1,), b"\0" * 8), "array of dtype"),
    "dates": (array_bytes(b"<M8[s]", (1,), b"\0" * 8), "array of dtype"),
    "a dtype of native order, unsaid": (array_bytes(b"f8", (1,), b"\0" * 8), "."),
    "a dtype that is no ASCII": (array_bytes(b"\xff8", (1,), b"\0" * 8), "header is broken"),
    "a dtype that NumPy reads as Python": (array_bytes(b"((1),(2))f8,", (1,), b"\0" * 8), "."),
    "a dtype by a name that NumPy gives up": (array_bytes(b"a", (1,), b"\0"), "."),
    "an unknown extension": (b"\xd4\x07\x00", "unknown extension 7"),
    "a header cut short": (msgspec.msgpack.encode(msgspec.msgpack.Ext(ARRAY, b"\x03")), "header is broken"),
}


@pytest.mark.parametrize("what", LIARS)
def test_an_array_that_lies_is_refused_before_memory_is_taken(what):
    data, said = LIARS[what]
    tracemalloc.start()
    try:
        with pytest.raises(WireError, match=said):
            unpack(data, object)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_no_dtype_of_two_letters_gets_through_but_those_that_are_written():
    written = re.compile(r"[<>][iufc]\d{1,2}|\|[biu]1")
    for order in "<>|=":
        for kind in map(chr, range(33, 127)):
            for size in ("", "0", "1", "2", "4", "8", "16", "32", "-8", "1e1"):
                text = f"{order}{kind}{size}"
                try:
                    unpack(array_bytes(text.encode(), (0,)), object)
                except WireError:
                    continue
                assert written.fullmatch(text), text


@pytest.mark.parametrize("byte", [b"\x91", b"\x81\xa1a", b"\x81\x91", b"\xdd\x00\x00\x00\x01"])
def test_deep_nesting_is_refused(byte):
    with pytest.raises(WireError):
        unpack(byte * 200_000, object)


@pytest.mark.parametrize(
    "data",
    [b"\x81\x80\x01", b"\x81" + pack(np.ones(2)) + b"\x01", b"\x81\x91\x80\x01"],
    ids=["dict", "array", "list of dict"],
)
def test_a_dict_whose_key_is_no_key_is_refused(data):
    with pytest.raises(WireError):
        unpack(data, object)


@pytest.mark.parametrize("head", [b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\xdb\xff\xff\xff\xff"])
def test_a_length_that_lies_takes_no_memory(head):
    tracemalloc.start()
    try:
        with pytest.raises(WireError):
            unpack(head + b"\x00" * 100, object)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_bytes_of_another_type_are_refused():
    with pytest.raises(WireError, match=re.escape("Expected `object`, got `array` - at `$.after`")):
        unpack(msgspec.msgpack.encode({"after": []}), RunReply)
    with pytest.raises(WireError):
        unpack(msgspec.msgpack.encode({"type": "shutdown"}), Request)
    with pytest.raises(WireError):
        unpack(b"", RunReply)


def test_an_opaque_name_is_bounded_and_is_text_whatever_the_bytes():
    crossed = unpack(msgspec.msgpack.encode(msgspec.msgpack.Ext(OPAQUE, b"\xff" * 5000)), object)
    assert isinstance(crossed, Opaque)
    assert 60 >= len(crossed.type_name)


def test_requests_cross_whole():
    load = LoadRequest({"a.py": b"x = 1\n"}, "a.py", True)
    assert load == unpack(pack(load), Request)
    with pytest.raises(WireError):
        unpack(pack(load), RunRequest)


# ---------------------------------------------------------------------------- hostile objects


class Loud(np.ndarray):
    """An array that answers everything with an exception."""

    def __array_ufunc__(self, *_args, **_kwargs):
        raise RuntimeError("ufunc")

    def __array_function__(self, *_args, **_kwargs):
        raise RuntimeError("function")

    def __array_finalize__(self, _other):
        pass

    def __getitem__(self, _key):
        raise RuntimeError("getitem")

    def __len__(self):
        raise RuntimeError("len")

    def __repr__(self):
        raise RuntimeError("repr")

    def tobytes(self, *_args):
        return b"forged"

    @property
    def shape(self):
        raise RuntimeError("shape")

    @property
    def dtype(self):
        raise RuntimeError("dtype")


def test_an_arrays_subclass_becomes_a_plain_array_without_its_methods():
    crossed = portable(np.arange(6.0).reshape(2, 3).view(Loud))
    assert type(crossed) is np.ndarray
    assert same(np.arange(6.0).reshape(2, 3), unpack(pack(crossed), object))


def test_masked_arrays_and_matrices_become_plain_arrays():
    masked = np.ma.MaskedArray([1.0, 2.0], mask=[True, False])
    assert type(portable(masked)) is np.ndarray
    assert same(np.array([1.0, 2.0]), portable(masked))


def test_numpy_scalars_become_arrays_without_dimensions():
    assert same(np.array(1.5), portable(np.float64(1.5)))
    assert same(np.array(3, dtype=np.int8), portable(np.int8(3)))
    assert same(np.array(True), portable(np.bool_(True)))


def refusing(*methods, base=object):
    """An object whose methods raise."""

    def refuse(self, *_args, **_kwargs):
        raise RuntimeError("no")

    return type("Refusing", (base,), dict.fromkeys(methods, refuse))


OPAQUES = {
    "an object": (object(), "<object>"),
    "a function": (len, "<builtin_function_or_method>"),
    "a class": (int, "<type>"),
    "bytes": (b"abc", "<bytes>"),
    "a complex number": (1j, "<complex>"),
    "a set": ({1}, "<set>"),
    "a generator": ((i for i in range(3)), "<generator>"),
    "an int beyond 64 bits": (2**63, "<int beyond 64 bits>"),
    "a huge negative int": (-(10**5000), "<int beyond 64 bits>"),
    "an array of objects": (np.array([object()]), "<array of object>"),
    "an array of texts": (np.array(["a"]), "<array of <U1>"),
    "an array of records": (np.zeros(1, "f8,f8"), "<array of [('f0', '<f8'), ('f1', '<f8')]>"),
    "a date": (np.datetime64("2020-01-01"), "<array of datetime64[D]>"),
    "what refuses everything": (refusing("__str__", "__repr__", "__len__", "__iter__", "__bool__")(), "<Refusing>"),
    "a dict of too many": (dict.fromkeys(range(MAX_ITEMS + 1)), "<dict>"),
    "a long list that is no matrix": ([[1], [1, 2]] * MAX_ITEMS, "<list of uneven rows>"),
    "a type with a long name": (type("N" * 300, (), {})(), f"<{'N' * 60}>"),
}


@pytest.mark.parametrize("what", OPAQUES)
def test_what_cannot_cross_is_told_by_its_type(what):
    value, said = OPAQUES[what]
    reduced = portable(value)
    assert isinstance(reduced, Opaque)
    assert said == repr(unpack(pack(reduced), object))


def test_an_array_of_more_dimensions_than_the_wire_carries_becomes_opaque():
    if int(np.__version__.partition(".")[0]) < 2:
        pytest.skip("this NumPy makes no such array")
    reduced = portable(np.ones((1,) * (MAX_NDIM + 1)))
    assert isinstance(reduced, Opaque)


def test_a_long_list_of_numbers_crosses_as_an_array():
    crossed = portable([1.0] * (MAX_ITEMS + 1))
    assert same(np.ones(MAX_ITEMS + 1), crossed)
    assert isinstance(portable([1.0] * MAX_ITEMS), list)


def test_a_list_in_itself_ends():
    loop = []
    loop.append(loop)
    text = repr(portable(loop))
    assert "[" * MAX_DEPTH + "<too deeply nested value>" + "]" * MAX_DEPTH == text


def test_a_dict_in_itself_ends():
    loop = {}
    loop["again"] = loop
    assert "<too deeply nested value>" in repr(portable(loop))


def test_texts_are_cut():
    assert "x" * MAX_TEXT == portable("x" * (MAX_TEXT + 1))


def test_a_dicts_keys_become_texts():
    assert {"1": 1, "None": 2, "(1, 2)": 3, "b'x'": 4} == portable({1: 1, None: 2, (1, 2): 3, b"x": 4})
    assert ["k" * 60] == list(portable({"k" * 100: 1}))


HOSTILE = {
    "a list whose len raises": refusing("__len__", base=list)([1, 2]),
    "a list whose iter raises": refusing("__iter__", base=list)([1, 2]),
    "a tuple whose iter raises": refusing("__iter__", base=tuple)((1, 2)),
    "a dict whose items raise": refusing("items", "__iter__", "keys", base=dict)(a=1),
    "a dict whose len raises": refusing("__len__", base=dict)(a=1),
    "a text whose str raises": refusing("__str__", base=str)("abc"),
    "a text whose slices raise": refusing("__getitem__", base=str)("abc"),
    "a key whose str raises": {refusing("__str__", "__repr__")(): 1},
    "an int's subclass": refusing("__le__", "__lt__", "__index__", base=int)(3),
    "a float's subclass": refusing("__float__", base=float)(3.0),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_an_object_that_refuses_is_opaque_or_plain_and_never_an_error(what):
    unpack(pack(portable(HOSTILE[what])), object)


class Pretender:
    """Says that it is an array, a text, whatever `claimed` is."""

    claimed: type = object

    @property
    def __class__(self):
        return self.claimed


@pytest.mark.parametrize("claimed", [np.ndarray, np.float64, str, list, dict, int])
def test_an_object_that_says_it_is_another_type_is_opaque_or_plain(claimed):
    Pretender.claimed = claimed
    unpack(pack(portable(Pretender())), object)


def test_a_text_with_half_a_character_crosses():
    crossed = unpack(pack(portable(["\ud800", {"\udfff": 1}])), object)
    assert 2 == len(crossed)


# ----------------------------------------------------------------------------- what a worker says


def replied(value):
    """A RunReply's bytes with a value that no honest worker sends."""
    return msgspec.msgpack.encode({"value": value})


@given(VALUES)
def test_an_honest_reply_is_read_as_it_was_sent(value):
    reply = unpack_reply(pack(RunReply(portable(value))), RunReply)
    check_plain(reply.value)
    assert same(portable(value), reply.value)


@given(st.lists(VALUES, max_size=3), st.integers(0, 3))
def test_counting_goes_past_every_kind_of_value(values, filler):
    data = pack([b"x" * UNCOUNTED, {"text": "x" * 300, "bytes": [b"y" * 70_000] * filler}, *values, -1, -200, 2**40])
    unpack_reply(data, object)


@pytest.mark.parametrize("item", [b"\x90", b"\x80", b"\x01", b"\xc0", b"\xa0", b"\xc7\x00\x02"])
def test_a_reply_of_very_many_values_is_refused_before_one_is_made(item):
    data = b"\x81\xa5value\xdd" + struct.pack(">I", 1 << 20) + item * (1 << 20)
    tracemalloc.start()
    try:
        with pytest.raises(WireError, match="more than 131,072 values"):
            unpack_reply(data, RunReply)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_very_many_values_in_lists_of_lists_are_refused_too():
    row = b"\xdc\x10\x00" + b"\x01" * 4096
    with pytest.raises(WireError, match="more than 131,072 values"):
        unpack_reply(b"\x81\xa5value\xdc\x00\x40" + row * 64, RunReply)


@given(st.binary(max_size=300), st.integers(0, 255))
def test_counting_garbage_ends_and_raises_nothing_else(data, filler):
    try:
        unpack_reply(data + bytes([filler]) * (UNCOUNTED + 1), RunReply)
    except WireError:
        pass


@pytest.mark.parametrize(
    "value",
    [
        {1: 2.0},
        {None: 2.0},
        b"bytes",
        [b"bytes"],
        {"a": [b"bytes"]},
        datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
        functools.reduce(lambda inner, _: [inner], range(MAX_DEPTH + 1), 1.0),
        functools.reduce(lambda inner, _: {"a": inner}, range(900), 1.0),
    ],
)
def test_what_no_honest_worker_makes_is_refused(value):
    reply = unpack_reply(replied(value), RunReply)
    with pytest.raises(WireError):
        check_plain(reply.value)


def test_what_an_honest_worker_nests_deepest_is_plain():
    check_plain(portable(functools.reduce(lambda inner, _: [inner], range(50), 1.0)))


@pytest.mark.parametrize(
    "error",
    [
        {"type_name": "E" * 61},
        {"module": "m" * 61},
        {"message": "1" * 1001},
        {"frames": [(1, "f")] * 51},
        {"frames": [(1, "f" * 61)]},
    ],
)
def test_an_exception_longer_than_the_worker_makes_it_is_refused(error):
    whole = {"type_name": "E", "module": "m", "message": ""} | error
    with pytest.raises(WireError):
        unpack_reply(msgspec.msgpack.encode({"error": whole}), RunReply)
