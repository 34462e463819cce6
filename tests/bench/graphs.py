#!/usr/bin/env python3
"""Makes the plain graphs of the benchmark.

    graphs.py set FOLDER [--onnx FOLDER]       one file per graph
    graphs.py llm --nodes N [--no-fan-out]     a synthetic language model, to stdout

A plain graph is `{"nodes": [{"id", "width", "height"}], "edges": [{"source",
"slot", "target"}]}`: what is left of a model for a layout engine. Constants are
rows in the boxes of their users, so they are no nodes. Reading ONNX files needs
the `onnx` package.
"""

import argparse
import json
import pathlib
import random
import sys


class Net:
    """A graph under construction. A value is `(node, slot)`."""

    def __init__(self):
        self.nodes = []
        self.edges = []

    def node(self, width, height, inputs=()):
        self.nodes.append({"id": f"n{len(self.nodes)}", "width": width, "height": height})
        for value in inputs:
            self.use(value, len(self.nodes) - 1)
        return len(self.nodes) - 1

    def use(self, value, node):
        self.edges.append({"source": f"n{value[0]}", "slot": value[1], "target": f"n{node}"})

    def input(self):
        return (self.node(150, 22), 0)

    def output(self, value):
        self.node(150, 22, [value])

    def op(self, name, *inputs, rows=0, outputs=1):
        """An operator as it is drawn: a pill, or with rows a card."""
        node = self.node(*size(name, rows), inputs)
        return (node, 0) if outputs == 1 else [(node, slot) for slot in range(outputs)]

    def chain(self, value, *names):
        for name in names:
            value = self.op(name, value, rows=ROWS.get(name, 0))
        return value

    def graph(self):
        return {"nodes": self.nodes, "edges": self.edges}


# Operators with weights or attributes are cards.
ROWS = {
    "Conv": 3,
    "Gemm": 2,
    "MatMul": 1,
    "BatchNormalization": 4,
    "MaxPool": 2,
    "LayerNormalization": 2,
    "Gather": 1,
    "Resize": 1,
}


def size(name, rows):
    return (130, 22 + 8 + 14 * rows) if rows else (24 + 7 * len(name), 22)


def conv(net, value, *after):
    return net.chain(value, "Conv", *(after or ("Relu",)))


def from_onnx(path):
    import onnx

    graph = onnx.load(path, load_external_data=False).graph
    constants = {i.name for i in graph.initializer}
    constants |= {o for n in graph.node if n.op_type == "Constant" for o in n.output}
    for node in graph.node:
        if node.op_type == "Identity" and node.input[0] in constants:
            constants.add(node.output[0])
    net = Net()
    values = {i.name: net.input() for i in graph.input if i.name not in constants}
    waiting = []
    for node in graph.node:
        if all(o in constants for o in node.output):
            continue
        names = [*node.input, *captured(node)]
        rows = sum(name in constants for name in names)
        if node.op_type in ("Conv", "Gemm"):
            rows += len(node.attribute)
        index = net.node(*size(node.op_type, rows))
        waiting.append((index, names))
        values.update((o, (index, slot)) for slot, o in enumerate(node.output) if o)
    for index, names in waiting:
        for name in names:
            if name in values:
                net.use(values[name], index)
    for output in graph.output:
        if output.name in values:
            net.output(values[output.name])
    return net.graph()


def captured(node):
    """Names of values that the subgraphs of a node take from around it."""
    names = []
    graphs = [a.g for a in node.attribute if a.HasField("g")]
    while graphs:
        graph = graphs.pop()
        own = {i.name for i in graph.input} | {i.name for i in graph.initializer}
        own |= {o for n in graph.node for o in n.output}
        for inner in graph.node:
            names += [i for i in inner.input if i and i not in own and i not in names]
            graphs += [a.g for a in inner.attribute if a.HasField("g")]
    return names


def if_and_loop(net):
    """The bodies of an If and of Loops, flat, with what they capture and carry."""
    x = net.chain(net.input(), "Conv", "Relu")
    mask = net.chain(net.input(), "Cast")
    for _ in range(3):
        condition = net.chain(x, "ReduceMean", "Greater")
        yes = net.chain(x, "Conv", "Relu", "Conv")
        no = net.op("Mul", net.chain(x, "AveragePool", "Resize"), mask)
        x = net.op("If", condition, yes, no)
        count = net.op("Range", net.chain(x, "Shape"))
        step, go, state = net.op("Loop", count, x, outputs=3)
        part = net.op("Gather", state, step, rows=1)
        new = net.op("Add", net.chain(part, "MatMul", "Sigmoid"), net.op("Mul", state, mask))
        stop = net.op("Not", net.op("Less", net.chain(new, "ReduceMax"), go))
        net.use(new, step[0])
        net.use(stop, step[0])
        x = net.chain(new, "Transpose")
    net.output(x)


CELL = ("Sigmoid", "Sigmoid", "Tanh", "Sigmoid")


def lstm(net, layers=2, steps=8):
    """A recurrent net, unrolled into the operators of its cells."""
    hidden = [(net.input(), net.input()) for _ in range(layers)]
    sequence = net.op("Split", net.input(), outputs=steps)
    outputs = []
    for x in sequence:
        for layer, (h, c) in enumerate(hidden):
            gates = net.op("Add", net.op("Gemm", x, rows=2), net.op("Gemm", h, rows=2))
            parts = net.op("Split", gates, outputs=4)
            i, f, g, o = (net.chain(v, a) for v, a in zip(parts, CELL))
            c = net.op("Add", net.op("Mul", f, c), net.op("Mul", i, g))
            h = net.op("Mul", o, net.chain(c, "Tanh"))
            hidden[layer] = (h, c)
            x = h
        outputs.append(x)
    net.output(net.op("Concat", *outputs))
    for h, c in hidden:
        net.output(h)
        net.output(c)


def residual(net, x, down):
    skip = conv(net, x, "BatchNormalization") if down else x
    y = net.chain(x, "Conv", "BatchNormalization", "Relu", "Conv", "BatchNormalization")
    return net.chain(net.op("Add", y, skip), "Relu")


def stages(net, x, count=4, blocks=2):
    found = []
    for _ in range(count):
        for block in range(blocks):
            x = residual(net, x, block == 0)
        found.append(x)
    return found


def fpn_detector(net):
    """A feature pyramid with a head on each level."""
    x = net.chain(net.input(), "Conv", "Relu", "MaxPool")
    levels = stages(net, x)
    top = net.op("Conv", levels[-1], rows=3)
    pyramid = [top]
    for level in reversed(levels[:-1]):
        top = net.op("Add", net.op("Conv", level, rows=3), net.op("Resize", top, rows=1))
        pyramid.append(net.op("Conv", top, rows=3))
    pyramid.append(net.op("MaxPool", pyramid[0], rows=2))
    boxes, scores = [], []
    for level in pyramid:
        for found, last in ((scores, ("Sigmoid",)), (boxes, ())):
            found.append(
                net.chain(level, "Conv", "Relu", "Conv", "Relu", "Conv", "Transpose", "Reshape", *last)
            )
    boxes, scores = net.op("Concat", *boxes), net.op("Concat", *scores)
    picked = net.op("NonMaxSuppression", boxes, scores, rows=3)
    net.output(net.op("Gather", boxes, picked))
    net.output(net.op("Gather", scores, picked))


def ssd(net):
    """A detector with two heads on each of six feature maps."""
    x = net.input()
    for _ in range(4):
        x = net.chain(x, "Conv", "Relu", "Conv", "Relu", "MaxPool")
    places, classes = [], []
    for _ in range(6):
        x = net.chain(x, "Conv", "Relu", "Conv", "Relu")
        places.append(net.chain(x, "Conv", "Transpose", "Reshape"))
        classes.append(net.chain(x, "Conv", "Transpose", "Reshape"))
    net.output(net.op("Concat", *places))
    net.output(net.chain(net.op("Concat", *classes), "Softmax"))


def yolo(net):
    """CSP blocks, and paths down and up over concatenations."""

    def act(value):
        value = net.op("Conv", value, rows=3)
        return net.op("Mul", value, net.op("Sigmoid", value))

    def csp(value, repeats=2):
        left, right = net.op("Split", act(value), outputs=2)
        parts = [left, right]
        for _ in range(repeats):
            right = net.op("Add", right, act(act(right)))
            parts.append(right)
        return act(net.op("Concat", *parts))

    x = act(act(net.input()))
    kept = []
    for _ in range(4):
        x = csp(act(x))
        kept.append(x)
    pooled = [act(x)]
    for _ in range(3):
        pooled.append(net.op("MaxPool", pooled[-1], rows=2))
    p5 = act(net.op("Concat", *pooled))
    p4 = csp(net.op("Concat", net.op("Resize", p5, rows=1), kept[2]))
    p3 = csp(net.op("Concat", net.op("Resize", p4, rows=1), kept[1]))
    n4 = csp(net.op("Concat", act(p3), p4))
    n5 = csp(net.op("Concat", act(n4), p5))
    flat = []
    for level in (p3, n4, n5):
        box, score = net.op("Conv", act(act(level)), rows=3), net.op("Conv", act(act(level)), rows=3)
        flat.append(net.chain(net.op("Concat", box, score), "Reshape"))
    box, score = net.op("Split", net.op("Concat", *flat), outputs=2)
    box = net.chain(box, "Reshape", "Softmax", "Conv", "Reshape")
    first, second = net.op("Split", box, outputs=2)
    first, second = net.op("Sub", first), net.op("Add", second)
    middle = net.op("Div", net.op("Add", first, second))
    net.output(
        net.op(
            "Concat",
            net.op("Mul", net.op("Concat", middle, net.op("Sub", second, first))),
            net.op("Sigmoid", score),
        )
    )


def unet(net, depth=5):
    x, skips = net.input(), []
    for _ in range(depth):
        x = net.chain(x, "Conv", "BatchNormalization", "Relu", "Conv", "BatchNormalization", "Relu")
        skips.append(x)
        x = net.op("MaxPool", x, rows=2)
    x = net.chain(x, "Conv", "Relu", "Conv", "Relu")
    for skip in reversed(skips):
        x = net.op("Concat", net.op("ConvTranspose", x, rows=3), skip)
        x = net.chain(x, "Conv", "BatchNormalization", "Relu", "Conv", "BatchNormalization", "Relu")
    net.output(net.chain(x, "Conv", "Sigmoid"))


def unet_plus_plus(net, depth=5):
    """Nested skips: each step joins everything at its own level before it."""
    grid = [[conv(net, net.input())]]
    for _ in range(1, depth):
        grid.append([conv(net, net.op("MaxPool", grid[-1][0], rows=2))])
    for column in range(1, depth):
        for row in range(depth - column):
            up = net.op("Resize", grid[row + 1][column - 1], rows=1)
            grid[row].append(conv(net, net.op("Concat", *grid[row], up)))
    for value in grid[0][1:]:
        net.output(net.op("Sigmoid", net.op("Conv", value, rows=3)))


def recurrent_cycles(net):
    """Cells whose states feed back, in three layers, and feedback to the first."""
    x = net.chain(net.input(), "Gather")
    first = None
    for _ in range(3):
        enter = net.op("Merge", x)
        first = first or enter
        switch = net.op("Switch", enter, net.op("LoopCond", net.op("Less", enter)), outputs=2)
        z = net.op("Sigmoid", net.op("Gemm", switch[0], rows=2))
        r = net.op("Sigmoid", net.op("Gemm", switch[0], rows=2))
        n = net.op("Tanh", net.op("Add", net.op("Gemm", net.op("Mul", r, switch[0]), rows=2), x))
        h = net.op("Add", net.op("Mul", z, switch[0]), net.op("Mul", n, net.op("Sub", z)))
        net.use(net.op("NextIteration", h), enter[0])
        x = net.op("Exit", switch[1])
    net.use(net.chain(x, "MatMul", "ArgMax"), first[0])
    net.output(net.chain(x, "MatMul", "Softmax"))


def mixture_of_experts(net, layers=4, experts=8):
    x = net.input()
    for _ in range(layers):
        normal = net.op("LayerNormalization", x, rows=2)
        weights, choice = net.op("TopK", net.chain(normal, "MatMul", "Softmax"), outputs=2)
        parts = []
        for _ in range(experts):
            place = net.op("NonZero", net.op("Equal", choice))
            mine = net.op("Gather", normal, place)
            gate = net.op("MatMul", mine, rows=1)
            y = net.op("Mul", net.op("Mul", gate, net.op("Sigmoid", gate)), net.op("MatMul", mine, rows=1))
            y = net.op("Mul", net.op("MatMul", y, rows=1), net.op("Gather", weights, place))
            parts.append(net.op("ScatterND", y, place))
        x = net.op("Add", x, net.op("Sum", *parts))
    net.output(x)


def nasnet(net, cells=6, seed=7):
    """Each cell joins five pairs of earlier values, and uses the two cells before."""
    pick = random.Random(seed)
    before, last = conv(net, net.input()), None
    last = conv(net, before)
    for _ in range(cells):
        states = [net.chain(before, "Relu", "Conv"), net.chain(last, "Relu", "Conv")]
        for _ in range(5):
            pair = []
            for _ in range(2):
                value, kind = pick.choice(states), pick.randrange(4)
                pair.append(
                    net.chain(
                        value,
                        *[("Relu", "Conv", "Conv"), ("MaxPool",), ("AveragePool",), ("Identity",)][kind],
                    )
                )
            states.append(net.op("Add", *pair))
        before, last = last, net.op("Concat", *states[2:])
    net.output(net.chain(last, "Relu", "GlobalAveragePool", "Gemm", "Softmax"))


def hrnet(net, branches=4, modules=2):
    """Parallel branches of several sizes that are all fused into all."""
    streams = [conv(net, conv(net, net.input()))]
    while len(streams) < branches:
        streams.append(conv(net, streams[-1]))
        for _ in range(modules):
            streams = [residual(net, s, False) for s in streams]
            fused = []
            for to in range(len(streams)):
                parts = []
                for at, stream in enumerate(streams):
                    if at < to:
                        stream = net.chain(stream, *["Conv"] * (to - at))
                    elif at > to:
                        stream = net.chain(stream, "Conv", "Resize")
                    parts.append(stream)
                fused.append(net.chain(net.op("Sum", *parts), "Relu"))
            streams = fused
    up = [streams[0]] + [net.op("Resize", s, rows=1) for s in streams[1:]]
    net.output(net.chain(net.op("Concat", *up), "Conv", "Softmax"))


def siamese(net):
    towers = []
    for _ in range(2):
        x = net.chain(net.input(), "Conv", "Relu", "MaxPool")
        towers.append(net.chain(stages(net, x, 2, 1)[-1], "GlobalAveragePool", "Flatten", "Gemm"))
    left, right = towers
    joined = net.op(
        "Concat", net.op("Abs", net.op("Sub", left, right)), net.op("Mul", left, right), left, right
    )
    net.output(net.chain(joined, "Gemm", "Relu", "Gemm", "Sigmoid"))


def recommender(net, tables=26):
    """Many embeddings, one interaction, and wide features beside it."""
    dense = net.chain(net.input(), "Gemm", "Relu", "Gemm", "Relu")
    embedded = [net.chain(net.input(), "Cast", "Gather", "Squeeze") for _ in range(tables)]
    joined = net.chain(net.op("Concat", dense, *embedded), "Reshape")
    pairs = net.op("MatMul", joined, net.op("Transpose", joined))
    x = net.op("Concat", dense, net.chain(pairs, "Gather", "Reshape"))
    net.output(net.chain(x, "Gemm", "Relu", "Gemm", "Relu", "Gemm", "Sigmoid"))


def resnext(net, blocks=4, branches=32):
    x = net.chain(net.input(), "Conv", "Relu")
    for _ in range(blocks):
        parts = [net.chain(x, "Conv", "Relu", "Conv") for _ in range(branches)]
        x = net.chain(net.op("Add", net.op("Concat", *parts), x), "Relu")
    net.output(x)


def bifpn(net, repeats=3):
    """A pyramid whose levels are fused down and up, again and again."""
    x = net.chain(net.input(), "Conv", "Relu")
    levels = stages(net, x, 5, 1)
    for _ in range(repeats):
        middle = [levels[-1]]
        for level in reversed(levels[:-1]):
            middle.insert(0, conv(net, net.op("Add", level, net.op("Resize", middle[0], rows=1))))
        new = [middle[0]]
        for level, inner in zip(levels[1:], middle[1:]):
            new.append(conv(net, net.op("Sum", level, inner, net.op("MaxPool", new[-1], rows=2))))
        levels = new
    for level in levels:
        net.output(net.chain(level, "Conv", "Sigmoid"))


def translator(net, layers=6):
    """Encoder and decoder; the encoder's result feeds every layer of the decoder."""

    def attention(x, memory, mask):
        q, k, v = (net.chain(s, "MatMul", "Reshape", "Transpose") for s in (x, memory, memory))
        scores = net.op("Add", net.op("Div", net.op("MatMul", q, k)), mask)
        y = net.op("MatMul", net.op("Softmax", scores), v)
        return net.chain(
            net.op("Add", x, net.chain(y, "Transpose", "Reshape", "MatMul")), "LayerNormalization"
        )

    def feed(x):
        return net.chain(net.op("Add", x, net.chain(x, "MatMul", "Relu", "MatMul")), "LayerNormalization")

    source, target = (net.chain(net.input(), "Gather", "Add") for _ in range(2))
    padding, future = (net.chain(net.input(), "Cast", "Mul") for _ in range(2))
    for _ in range(layers):
        source = feed(attention(source, source, padding))
    for _ in range(layers):
        target = feed(attention(attention(target, target, future), source, padding))
    net.output(net.chain(target, "MatMul", "Softmax"))


def series_parallel(net, count=300, seed=1):
    """A random graph made by putting parts one after another or side by side."""
    pick = random.Random(seed)
    edges = [(0, 1)]
    nodes = 2
    while nodes < count:
        at = pick.randrange(len(edges))
        a, b = edges[at]
        if pick.random() < 0.55:
            edges[at] = (a, nodes)
            edges.append((nodes, b))
        else:
            edges += [(a, nodes), (nodes, b)]
        nodes += 1
    after = {}
    for a, b in edges:
        after.setdefault(a, []).append(b)
    order, seen, stack = [], set(), [(0, iter(after.get(0, ())))]
    while stack:
        _, rest = stack[-1]
        for b in rest:
            if b not in seen:
                seen.add(b)
                stack.append((b, iter(after.get(b, ()))))
                break
        else:
            order.append(stack.pop()[0])
    order.reverse()
    names = {n: net.op("x" * pick.randrange(2, 12), rows=pick.choice((0, 0, 1, 3))) for n in order}
    for n in order:
        for a, b in edges:
            if b == n:
                net.use(names[a], names[n][0])


def random_layers(net, layers=12, width=6, seed=3):
    """No structure at all: each node uses a few nodes of the layers before it."""
    pick = random.Random(seed)
    rows = [[net.input() for _ in range(width)]]
    for _ in range(layers):
        above = [v for row in rows[-2:] for v in row]
        rows.append([net.op("Add", *pick.sample(above, 2)) for _ in range(pick.randrange(2, width + 1))])


BUILT = {
    "if_and_loop": if_and_loop,
    "lstm_2x8": lstm,
    "fpn_detector": fpn_detector,
    "ssd": ssd,
    "yolo": yolo,
    "unet": unet,
    "unet_plus_plus": unet_plus_plus,
    "recurrent_cycles": recurrent_cycles,
    "moe_8": mixture_of_experts,
    "nasnet": nasnet,
    "hrnet": hrnet,
    "siamese": siamese,
    "recommender_26": recommender,
    "resnext_32": resnext,
    "bifpn": bifpn,
    "translator": translator,
    "series_parallel": series_parallel,
    "random_layers": random_layers,
}


def built(name):
    net = Net()
    BUILT[name](net)
    return net.graph()


def language_model(count, fan_out=True):
    """Decoder layers until there are `count` nodes. With fan-out, a mask and the
    tables of the rotary embedding feed every layer; without, only the first."""
    net = Net()
    pill, card = (80, 22), (120, 50)

    def chain(value, length, *first):
        for shape in [*first, *[pill] * length]:
            value = (net.node(*shape, [value]), 0)
        return value

    def node(*inputs, shape=pill):
        return (net.node(*shape, inputs), 0)

    def rotary(x):
        first, second = node(x), node(x)
        turned = node(first, node(second))
        return node(node(x, *cos), node(turned, *sin))

    x = node()
    tables = [[node()] for _ in range(3)]
    mask, cos, sin = tables
    while len(net.nodes) < count:
        normal = chain(x, 1)
        q, k, v = (chain(normal, 2, card) for _ in range(3))
        q, k = rotary(q), chain(rotary(k), 1)
        scores = node(chain(node(q, k), 1), *mask)
        y = chain(node(chain(scores, 1), v), 3)
        x = node(x, y)
        normal = chain(x, 4)
        gate, up = chain(normal, 0, card), chain(normal, 0, card)
        y = node(node(gate, node(gate)), up)
        x = node(x, chain(y, 0, card))
        if not fan_out:
            mask, cos, sin = [], [], []
    return net.graph()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    some = commands.add_parser("set", help="writes one file per graph")
    some.add_argument("folder", type=pathlib.Path)
    some.add_argument("--onnx", type=pathlib.Path, help="also the models in this folder")
    llm = commands.add_parser("llm", help="writes a synthetic language model")
    llm.add_argument("--nodes", type=int, required=True)
    llm.add_argument("--fan-out", action=argparse.BooleanOptionalAction, default=True)
    args = parser.parse_args()
    if args.command == "llm":
        json.dump(language_model(args.nodes, args.fan_out), sys.stdout)
        return
    args.folder.mkdir(parents=True, exist_ok=True)
    for name, graph in all_graphs(args.onnx):
        (args.folder / f"{name}.json").write_text(json.dumps(graph))
        print(f"{name}: {len(graph['nodes'])} nodes, {len(graph['edges'])} edges")


def all_graphs(onnx_folder=None):
    """The graphs of the set with their names; those of ONNX files first."""
    for path in sorted(onnx_folder.glob("*.onnx")) if onnx_folder else []:
        yield path.stem, from_onnx(path)
    for name in BUILT:
        yield name, built(name)


if __name__ == "__main__":
    main()
