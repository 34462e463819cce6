"""What a recipe draws from: sizes, attributes, values that are there and new ones."""

import numpy as np
from onnx import helper

from values import BY_ONNX, EXOTIC, data


class Value:
    """A tensor of the graph, with its numbers. `kind`: input, init, constant or inner."""

    def __init__(self, name, dtype, array, kind):
        self.name, self.dtype, self.array, self.kind = name, dtype, array, kind

    @property
    def shape(self):
        return tuple(self.array.shape)


class Refused(Exception):
    """A recipe cannot be followed with what was drawn."""


class Node:
    """What a recipe is given: the schema, and the types drawn for its parameters."""

    def __init__(self, schema, types):
        self.schema, self.types = schema, types
        self.op, self.version = schema.name, schema.since_version

    def dtype(self, number):
        """The type of this input."""
        return self._type(self.schema.inputs[min(number, len(self.schema.inputs) - 1)].type_str)

    def out(self, number=0):
        """The type of this output."""
        return self._type(self.schema.outputs[number].type_str)

    def _type(self, text):
        text = self.types.get(text, text)
        if text not in BY_ONNX:
            raise Refused(text)
        return BY_ONNX[text]

    def has(self, attribute):
        return attribute in self.schema.attributes

    def takes(self, name):
        """Whether there is an input of this name."""
        return any(i.name == name for i in self.schema.inputs)


class Draw:
    """A graph in the making, seen by one recipe: everything new is tentative until kept."""

    def __init__(self, rng, special, values, prefix):
        self.rng, self.special, self.values, self.prefix = rng, special, values, prefix
        self.fresh = []
        self.reuse = 0.75

    # Numbers.
    def chance(self, p=0.5):
        return self.rng.random() < p

    def pick(self, items):
        items = list(items)
        if not items:
            raise Refused("nothing to pick")
        return items[self.rng.integers(len(items))]

    def int(self, low, high):
        """From low to high, both included."""
        return int(self.rng.integers(low, high + 1)) if high > low else low

    def float(self):
        return float(self.pick([0.0, 0.5, 1.0, 2.0, -1.0, 0.01, round(self.rng.normal(), 3)]))

    def size(self):
        if self.chance(0.06 if self.special else 0.025):
            return 0
        return self.pick([1, 1, 2, 3, 4, 5, 7])

    def shape(self, low=0, high=4):
        return tuple(self.size() for _ in range(self.int(low, high)))

    def full(self, low=0, high=4):
        """A shape without a zero."""
        return tuple(max(1, s) for s in self.shape(low, high))

    def axis(self, rank, after=0):
        """An axis, counted from either end."""
        if rank == 0:
            return self.pick([0, -1])
        return self.int(-rank, rank - 1 + after)

    def axes(self, rank, least=1):
        if rank == 0:
            return []
        count = self.int(min(least, rank), rank)
        chosen = self.rng.permutation(rank)[:count]
        return [int(a) - (rank if self.chance(0.3) else 0) for a in chosen]

    def to_broadcast(self, shape):
        """A shape that is broadcast to this one, or this to it, or both."""
        out = list(shape[self.int(0, len(shape)) if self.chance(0.3) else 0 :])
        for i, s in enumerate(out):
            if self.chance(0.25):
                out[i] = 1
            elif s == 1 and self.chance(0.5):
                out[i] = self.size()
        if len(out) == len(shape) and self.chance(0.15) and len(out) < 5:
            out = [self.size()] + out
        return tuple(out)

    def down_to(self, shape):
        """A shape that is broadcast to this one, and does not widen it."""
        out = list(shape[self.int(0, len(shape)) if self.chance(0.4) else 0 :])
        return tuple(1 if self.chance(0.3) else s for s in out)

    # Values.
    def new(self, dtype, shape, array=None, kind=None):
        """A new input or weight."""
        if array is None:
            array = data(self.rng, dtype, tuple(int(s) for s in shape), self.special)
        if kind is None:
            kind = self.pick(["input", "input", "init", "init", "constant"])
        if dtype in EXOTIC or dtype == "string":
            kind = "init"
        value = Value(f"{self.prefix}v{len(self.fresh)}", dtype, np.asarray(array), kind)
        self.fresh.append(value)
        return value

    def const(self, array, dtype="int64"):
        """A value that is mostly a weight: shapes, axes and the like."""
        from values import carrier

        kind = self.pick(["init"] * 6 + ["constant"] * 2 + ["input"])
        return self.new(dtype, None, np.asarray(array, carrier(dtype)), kind)

    def take(self, dtype, shape=None, low=0, high=5, fits=None, make=None):
        """A value of this type that is there, or a new one; `make` gives the new one's shape."""
        if self.chance(self.reuse):
            there = [
                v
                for v in self.values
                if v.dtype == dtype
                and (v.shape == tuple(shape) if shape is not None else low <= len(v.shape) <= high)
                and (fits is None or fits(v.shape))
            ]
            inner = [v for v in there if v.kind == "inner"]
            if inner and self.chance(0.8):
                # Mostly the newest ones, so that graphs become deep.
                return inner[-1] if self.chance(0.6) else self.pick(inner)
            if there:
                return self.pick(there)
        if shape is None:
            shape = make() if make else self.shape(low, min(high, 4))
            if fits is not None and not fits(tuple(shape)):
                raise Refused("shape")
        return self.new(dtype, shape)

    def optional(self, attributes, p=0.5):
        """Each of these attributes, or not: values are called where they are functions."""
        return {k: v() if callable(v) else v for k, v in attributes.items() if self.chance(p)}


def node(op, inputs, outputs, attributes=None, domain=""):
    """A NodeProto; an attribute that is None is left out."""
    attributes = {k: v for k, v in (attributes or {}).items() if v is not None}
    return helper.make_node(
        op, [i if isinstance(i, str) else i.name if i is not None else "" for i in inputs], list(outputs), domain=domain, **attributes
    )


class Macro:
    """Several nodes that are drawn as one: `outputs` are the names of what they give."""

    def __init__(self, nodes, outputs, inputs):
        self.nodes, self.outputs, self.inputs = nodes, outputs, inputs


RECIPES = {}


def recipe(*ops, domain=""):
    """Registers a recipe: f(d, n) -> (inputs, attributes[, number of outputs]) or a Macro."""

    def register(f):
        for op in ops:
            RECIPES[domain, op] = f
        return f

    return register
