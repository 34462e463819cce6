#!/usr/bin/env python3
"""Measures how good a positioned diagram is, whoever drew it.

In: `{"nodes": [{"id", "x", "y", "width", "height"}], "edges": [{"source",
"target", "kind"?, "value"?, "points": [[x, y], ...], "labelBox"?: [x, y, width,
height]}]}`. Out, as a dictionary (one line of JSON per file on the command line):

crossings     places where two lines cross; see below
slots         those of them where both lines leave the same box, from two slots
length        of all lines
width, height of everything drawn, without a margin
through       (line, foreign box) pairs where the line runs through the box
overlaps      pairs of boxes that overlap
labels        pairs of a label and a box or another label that overlap
struck        (line, foreign label) pairs where the line runs through the label
straight      the share of lines without a bend
trunks        whether some lines are shared by several edges

Crossings are proper intersections of the drawn polylines. Those within 2 px of
an end that both lines have in common are no crossings: there the lines meet. Where
the uses of a value share a trunk, the lines of one value are one figure: they do
not cross each other, and where another value crosses them in one point, that
counts once.
"""

import json
import math
import sys
from collections import defaultdict

MEET = 2.0  # px: lines that end this close to each other meet there
TOUCH = 0.1  # px: boxes shrink by this, so that what only touches is no hit
STRAIGHT = 0.5  # px: what strays less from its chord is straight


def measure(diagram):
    """The figures of a positioned diagram."""
    nodes, edges = diagram["nodes"], diagram["edges"]
    boxes = [(n["x"], n["y"], n["x"] + n["width"], n["y"] + n["height"]) for n in nodes]
    index = {n["id"]: i for i, n in enumerate(nodes)}
    lines = [[(float(x), float(y)) for x, y in e["points"]] for e in edges]
    labels = [(e, box) for e, edge in enumerate(edges) if (box := edge.get("labelBox"))]
    frames = [(x, y, x + w, y + h) for _, (x, y, w, h) in labels]
    trunks = any(e.get("kind") in ("trunk", "tap") for e in edges)

    segments = [(a, b, e) for e, line in enumerate(lines) for a, b in zip(line, line[1:]) if a != b]
    bounds = [(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])) for a, b, _ in segments]
    everything = boxes + frames + bounds
    left, top = min((b[0] for b in everything), default=0), min((b[1] for b in everything), default=0)
    right, bottom = max((b[2] for b in everything), default=0), max((b[3] for b in everything), default=0)
    length = sum(math.dist(a, b) for a, b, _ in segments)
    cell = cell_size(len(segments), length)

    segment_grid = Grid(cell, bounds)
    box_grid = Grid(cell, [shrunk(b) for b in boxes])
    frame_grid = Grid(cell, [shrunk(b) for b in frames])
    own = [(index.get(e["source"]), index.get(e.get("target"))) for e in edges]
    drawn = [i for i, e in enumerate(edges) if e.get("kind") != "connector"]
    crossed = crossings(edges, lines, segments, segment_grid, trunks)
    return {
        "crossings": len(crossed),
        "slots": sum(edges[e]["source"] == edges[f]["source"] for e, f in crossed),
        "length": round(length),
        "width": round(right - left),
        "height": round(bottom - top),
        "through": len(hits(segments, segment_grid, box_grid, lambda e, i: i in own[e])),
        "overlaps": sum(1 for _ in box_grid.pairs()),
        "labels": sum(1 for _ in frame_grid.pairs()) + sum(1 for _ in frame_grid.pairs_with(box_grid)),
        "struck": len(hits(segments, segment_grid, frame_grid, lambda e, i: labels[i][0] == e)),
        "straight": round(sum(is_straight(lines[i]) for i in drawn) / max(len(drawn), 1), 3),
        "trunks": trunks,
    }


def crossings(edges, lines, segments, grid, trunks):
    """The two edges of each crossing; see the module."""
    value = [e.get("value") or e["source"] for e in edges]
    # Symmetric curves cross exactly in points of theirs, where a test for proper
    # intersections fails. A tiny shift of each value avoids that, and leaves the
    # lines of one value as they are to each other.
    shift = {
        v: ((i * 0.618034) % 1 * 1e-3, (i * 0.414214) % 1 * 1e-4)
        for i, v in enumerate(sorted(set(value), key=str))
    }
    moved = []
    for a, b, e in segments:
        dx, dy = shift[value[e]]
        moved.append((a[0] + dx, a[1] + dy, b[0] + dx, b[1] + dy, e))
    found = {}
    for i, j in grid.pairs(slack=0.01):
        ax, ay, bx, by, e = moved[i]
        cx, cy, dx, dy, f = moved[j]
        if e == f or (trunks and value[e] == value[f]):
            continue
        abx, aby, cdx, cdy = bx - ax, by - ay, dx - cx, dy - cy
        side_c = abx * (cy - ay) - aby * (cx - ax)
        side_d = abx * (dy - ay) - aby * (dx - ax)
        if not (side_c < -1e-9 and side_d > 1e-9 or side_c > 1e-9 and side_d < -1e-9):
            continue
        side_a = cdx * (ay - cy) - cdy * (ax - cx)
        side_b = cdx * (by - cy) - cdy * (bx - cx)
        if not (side_a < -1e-9 and side_b > 1e-9 or side_a > 1e-9 and side_b < -1e-9):
            continue
        t = side_a / (side_a - side_b)
        at = (ax + t * abx, ay + t * aby)
        if any(
            math.dist(p, q) <= MEET and (math.dist(p, at) <= MEET or math.dist(q, at) <= MEET)
            for p in (lines[e][0], lines[e][-1])
            for q in (lines[f][0], lines[f][-1])
        ):
            continue
        place = (i, j)
        if trunks:
            place = (*sorted((str(value[e]), str(value[f]))), round(at[0]), round(at[1]))
        found[place] = (e, f)
    return list(found.values())


def hits(segments, segment_grid, grid, is_own):
    """Pairs of a line and a rectangle of `grid` that it runs through."""
    found = set()
    for s, i in segment_grid.pairs_with(grid):
        a, b, e = segments[s]
        if (e, i) not in found and not is_own(e, i) and cuts(a, b, grid.rects[i]):
            found.add((e, i))
    return found


def cuts(a, b, rect):
    """Whether the segment from `a` to `b` runs through the inside of a rectangle."""
    first, last = 0.0, 1.0
    dx, dy = b[0] - a[0], b[1] - a[1]
    for step, room in (
        (-dx, a[0] - rect[0]),
        (dx, rect[2] - a[0]),
        (-dy, a[1] - rect[1]),
        (dy, rect[3] - a[1]),
    ):
        if step == 0:
            if room <= 0:
                return False
        elif step < 0:
            first = max(first, room / step)
        else:
            last = min(last, room / step)
    return first < last


def is_straight(line):
    (ax, ay), (bx, by) = line[0], line[-1]
    length = math.hypot(bx - ax, by - ay)
    if length == 0:
        return False
    return all(abs((bx - ax) * (y - ay) - (by - ay) * (x - ax)) <= STRAIGHT * length for x, y in line)


def shrunk(rect):
    return (rect[0] + TOUCH, rect[1] + TOUCH, rect[2] - TOUCH, rect[3] - TOUCH)


def cell_size(count, length):
    """Cells of 40 px unless very long lines would fill very many of them."""
    return max(40.0, length / max(4 * count, 500_000))


class Grid:
    """Rectangles by the square cells that they touch."""

    def __init__(self, cell, rects):
        self.cell = cell
        self.rects = rects
        self.cells = defaultdict(list)
        for i, (left, top, right, bottom) in enumerate(rects):
            columns = range(int(left // cell), int(right // cell) + 1)
            for row in range(int(top // cell), int(bottom // cell) + 1):
                for column in columns:
                    self.cells[column, row].append(i)

    def pairs(self, slack=0.0):
        """Pairs of rectangles that overlap or are less than `slack` apart, each once."""
        cell, rects = self.cell, self.rects
        for (column, row), members in self.cells.items():
            if len(members) < 2:
                continue
            members = [(i, *rects[i]) for i in members]
            members.sort(key=lambda m: m[1])
            for k, (i, _, top, right, bottom) in enumerate(members):
                for m in range(k + 1, len(members)):
                    j, left2, top2, _, bottom2 = members[m]
                    if left2 >= right + slack:
                        break
                    if top2 >= bottom + slack or top >= bottom2 + slack:
                        continue
                    # Only the cell of the corner that they share reports a pair.
                    if int(left2 // cell) == column and int(max(top, top2) // cell) == row:
                        yield (i, j) if i < j else (j, i)

    def pairs_with(self, other):
        """Pairs of a rectangle here and one there that overlap or touch, each once."""
        cell = self.cell
        for key, members in self.cells.items():
            for j in other.cells.get(key, ()):
                left2, top2, right2, bottom2 = other.rects[j]
                for i in members:
                    left, top, right, bottom = self.rects[i]
                    if left > right2 or left2 > right or top > bottom2 or top2 > bottom:
                        continue
                    if (int(max(left, left2) // cell), int(max(top, top2) // cell)) == key:
                        yield i, j


def self_test():
    def figures(nodes, edges):
        nodes = [dict(id=i, x=x, y=y, width=w, height=h) for i, x, y, w, h in nodes]
        return measure(
            {
                "nodes": nodes,
                "edges": [
                    dict(zip(("source", "target", "points"), e)) | (e[3] if len(e) > 3 else {}) for e in edges
                ],
            }
        )

    def check(what, got, wanted):
        if got != wanted:
            sys.exit(f"{what}: {got}, expected {wanted}")

    four = [("a", 0, 0, 10, 10), ("b", 50, 0, 10, 10), ("c", 0, 50, 10, 10), ("d", 50, 50, 10, 10)]
    cross = [("a", "d", [[5, 10], [55, 50]]), ("b", "c", [[55, 10], [5, 50]])]
    check("two lines cross", figures(four, cross)["crossings"], 1)
    check(
        "nothing else is wrong",
        [figures(four, cross)[k] for k in ("through", "overlaps", "labels", "struck")],
        [0] * 4,
    )
    check("size", [figures(four, cross)[k] for k in ("width", "height")], [60, 60])
    bent = [("a", "d", [[5, 10], [30, 30], [55, 50]]), ("b", "c", [[55, 10], [30, 30], [5, 50]])]
    check("lines cross in a point that both have", figures(four, bent)["crossings"], 1)
    check(
        "a line over a line's end",
        figures(four, [("a", "d", [[5, 10], [30, 30], [55, 50]]), ("b", "c", [[30, 10], [30, 50]])])[
            "crossings"
        ],
        1,
    )
    meet = [("a", "d", [[5, 10], [55, 50]]), ("b", "d", [[6, 9], [56, 50]])]
    check("lines that meet do not cross", figures(four, meet)["crossings"], 0)
    check(
        "parallel lines",
        figures(four, [("a", "c", [[2, 10], [2, 50]]), ("b", "d", [[55, 10], [55, 50]])])["crossings"],
        0,
    )
    same = [("a", "d", [[5, 10], [55, 50]]), ("a", "c", [[8, 10], [40, 20], [5, 50]])]
    check("without trunks, lines of one source may cross", figures(four, same)["crossings"], 1)
    trunk = [
        ("a", None, [[5, 10], [55, 50]], {"kind": "trunk"}),
        ("a", "c", [[8, 10], [40, 20], [5, 50]], {"kind": "tap"}),
    ]
    check("with trunks they do not", figures(four, trunk)["crossings"], 0)
    twice = [(*e, {"kind": "tap"}) for e in cross + cross]
    check("with trunks a place counts once", figures(four, twice)["crossings"], 1)
    check("without, each pair", figures(four, cross + cross)["crossings"], 4)
    slots = [(*e, {"kind": "tap", "value": v}) for e, v in zip(cross, ("a:0", "a:1"))]
    check("two slots of a box are two values", figures(four, slots)["crossings"], 1)
    check("of two boxes", figures(four, slots)["slots"], 0)
    own = [("a", *e[1:]) for e in slots]
    check("of one box", figures(four, own)["slots"], 1)
    through = [("a", "b", [[10, 5], [100, 5]])]
    check(
        "through a box",
        figures(four[:1] + [("b", 100, 0, 10, 10), ("f", 40, 0, 10, 10)], through)["through"],
        1,
    )
    check(
        "along a box",
        figures(four[:1] + [("b", 100, 0, 10, 10), ("f", 40, 5, 10, 10)], through)["through"],
        0,
    )
    check(
        "overlap",
        figures([("a", 0, 0, 100, 100), ("b", 99, 99, 10, 10), ("c", 110, 0, 9, 9)], [])["overlaps"],
        1,
    )
    check("touching boxes", figures([("a", 0, 0, 10, 10), ("b", 10, 0, 10, 10)], [])["overlaps"], 0)
    label = [("a", "c", [[5, 10], [5, 50]], {"labelBox": [8, 5, 20, 10]}), ("b", "d", [[20, 0], [20, 30]])]
    check("a label on a box", figures(four, label)["labels"], 1)
    check("a line through a label", figures(four, label)["struck"], 1)
    check("straight", figures(four, bent + [("a", "b", [[0, 0], [5, 9], [10, 0]])])["straight"], 0.667)
    check("nothing", figures([], [])["crossings"], 0)
    long = [("a", "b", [[0, 0], [0, 1e6]]), ("c", "d", [[-5, 999_000], [5, 999_010]])]
    check("long lines", figures([], long)["crossings"], 1)
    print("ok")


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    elif not sys.argv[1:]:
        sys.exit("usage: measure.py FILE.json... | --self-test")
    else:
        for path in sys.argv[1:]:
            with open(path) as file:
                print(json.dumps({"file": path, **measure(json.load(file))}))
