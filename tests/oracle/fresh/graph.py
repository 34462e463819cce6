"""One fresh graph: operators drawn uniformly, each tried on onnxruntime as it is added."""

import numpy as np
from onnx import helper

from draw import Draw, Node, Value, node
from engine import ML, declare, imports, whole
from kernels import NEWEST, OLDEST, attempt
from values import EXOTIC, NUMBER, tensor


class Graph:
    def __init__(self, rng, special, entries):
        self.rng, self.special, self.entries = rng, special, entries
        self.values, self.nodes, self.ops, self.used = [], [], [], set()
        self.opsets, self.ir = {}, 8

    def start(self):
        """Draws the first operator, and the operator sets by its version."""
        names = sorted(self.entries)
        domain, name = names[self.rng.integers(len(names))]
        versions = self.entries[domain, name]
        _, first, last, _ = versions[self.rng.integers(len(versions))]
        version = int(self.rng.integers(first, last + 1))
        main = version if domain == "" else int(self.rng.integers(OLDEST, NEWEST + 1))
        ml = version if domain == ML else int(self.rng.integers(1, 6))
        self.opsets = {"": main, ML: ml}
        least = max(3, helper.find_min_ir_version_for(imports({"": main}), ignore_unknown=True))
        self.ir = int(self.rng.integers(least, 13)) if least < 13 else 13
        if self.rng.random() < 0.1 and main <= 8:
            self.ir = 3
        return domain, name

    def available(self):
        """Of each operator, the version that the operator sets name."""
        out = {}
        for (domain, name), versions in self.entries.items():
            for schema, first, last, types in versions:
                if first <= self.opsets[domain] <= last:
                    out[domain, name] = (schema, types)
        return out

    def add(self, schema, types, tries=25):
        """Adds the operator, with what is tried anew until onnxruntime runs it."""
        inner = {v.dtype for v in self.values if v.kind == "inner"}
        for _ in range(tries):
            chosen = types[self.rng.integers(len(types))]
            n = Node(schema, chosen)
            try:
                # Graphs hang together where the types allow it.
                if inner and self.rng.random() < 0.7 and not any(n.dtype(i) in inner for i in range(len(schema.inputs))):
                    continue
            except Exception:
                pass
            draw = Draw(self.rng, self.special, self.values, f"n{len(self.ops)}_")
            try:
                nodes, outputs, results, inputs = attempt(draw, n, self.opsets, self.ir)
            except Exception:
                continue
            names = {i.name for i in inputs}
            self.values += [v for v in draw.fresh if v.name in names]
            self.values += [Value(name, dtype, array, "inner") for name, (dtype, array) in zip(outputs, results)]
            self.nodes += nodes
            self.used |= names
            self.ops.append(f"{schema.domain + ':' if schema.domain else ''}{schema.name}-{schema.since_version}")
            return True
        return False

    def grow(self):
        domain, name = self.start()
        there = self.available()
        names = sorted(there)
        count = int(self.rng.integers(1, 9))
        self.add(*there[domain, name])
        attempts = 0
        while len(self.ops) < count and attempts < 3 * count:
            attempts += 1
            self.add(*there[names[self.rng.integers(len(names))]])
        return bool(self.ops)

    def model(self):
        """(model, inputs by name)."""
        rng, nodes, ends, feeds, declared, weights = self.rng, list(self.nodes), [], {}, [], []
        for v in self.values:
            if v.kind == "input":
                shape = [f"s_{v.name}_{i}" if rng.random() < 0.15 else s for i, s in enumerate(v.shape)]
                declared.append(declare(v.name, v.dtype, shape))
                feeds[v.name] = v.array
            elif v.kind == "init":
                weights.append(tensor(v.array, v.dtype, v.name))
            elif v.kind == "constant":
                nodes.insert(0, node("Constant", [], [v.name], {"value": tensor(v.array, v.dtype, f"{v.name}_t")}))
        for v in self.values:
            if v.kind != "inner" or (v.name in self.used and rng.random() > 0.25):
                continue
            if v.dtype in EXOTIC:
                to = v.array.dtype.name
                nodes.append(node("Cast", [v.name], [f"{v.name}_c"], {"to": NUMBER[to]}))
                ends.append(declare(f"{v.name}_c", to, v.shape))
            else:
                ends.append(declare(v.name, v.dtype, v.shape if rng.random() < 0.6 else None))
        if self.ir < 4:
            declared += [helper.make_tensor_value_info(w.name, w.data_type, list(w.dims)) for w in weights]
        graph = helper.make_graph(nodes, "fresh", declared, ends, weights)
        used = {n.domain for n in nodes}
        kept = {d: v for d, v in self.opsets.items() if d == "" or d in used}
        return helper.make_model(graph, opset_imports=imports(kept), ir_version=self.ir), feeds


def make(rng, special, entries):
    """(model, feeds, expected outputs by name, operators); nothing where onnxruntime cannot run it."""
    graph = Graph(rng, special, entries)
    if not graph.grow():
        return None
    model, feeds = graph.model()
    with np.errstate(all="ignore"):
        results = whole(model, feeds)
    names = [o.name for o in model.graph.output]
    return model, feeds, dict(zip(names, results)), graph.ops
