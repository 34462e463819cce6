//! Places the vertices of each rank from left to right.
//!
//! Before: ranks are ordered and ports placed. After: each vertex has an x, its
//! neighbours keep their distance, and lines are as straight as the order allows:
//! the weighted sum of the links' horizontal extents is the least.
//!
//! 1. One *variable* for each item, and one for each run of bends, so that long
//!    lines are straight. Runs that cross each other in the middle are broken.
//! 2. All items that are alone in their ranks are one variable, the *spine*: a
//!    dead-straight backbone.
//! 3. What is left falls into components between which only the spine stands.
//!    Each is a small network simplex, and equal ones are solved once.
//! 4. A component may often slide along the spine at no cost: it is put into the
//!    middle of where it may be, so that forks look even.

use std::collections::HashMap;

use super::extent::{UNITS, units};
use super::forest::Forest;
use super::ordered::Ordered;
use super::simplex::{self, Edge};
use crate::layout::csr::Csr;
use crate::layout::network::Network;
use crate::layout::options::Spacing;
use crate::layout::ranked::{Link, Ranked};

/// The middle of each vertex, in pixels.
pub(super) fn place_vertices(ordered: &Ordered<'_>, spacing: &Spacing) -> Vec<f64> {
    let (variable, count) = variables(&ordered.ranked);
    let system = System {
        variables: count,
        constraints: constraints(ordered, &variable, spacing),
        terms: terms(ordered, &variable),
    };
    let x = system.solve();
    variable.iter().map(|&v| x[v as usize] as f64 / UNITS).collect()
}

/// The variable of each vertex, and how many there are. Variable 0 is the spine.
fn variables(ranked: &Ranked) -> (Vec<u32>, usize) {
    const SPINE: u32 = 0;
    const NONE: u32 = u32::MAX;
    let mut variable = vec![NONE; ranked.rank.len()];
    for rank in &ranked.order {
        if let [alone] = rank[..]
            && !ranked.is_bend(alone)
        {
            variable[alone as usize] = SPINE;
        }
    }
    let broken = broken_links(ranked);
    let mut count = 1;
    for vertex in 0..ranked.rank.len() as u32 {
        if variable[vertex as usize] != NONE {
            continue;
        }
        // Bends are numbered from top to bottom, so the one above has its variable.
        let above = ranked.up.of(vertex).first().filter(|_| ranked.is_bend(vertex)).copied();
        let above = above.filter(|&l| ranked.is_inner(&ranked.links[l as usize]) && !broken[l as usize]);
        variable[vertex as usize] = match above {
            Some(link) => variable[ranked.links[link as usize].upper as usize],
            None => {
                count += 1;
                count - 1
            }
        };
    }
    (variable, count as usize)
}

/// Of the links between bends that cross each other, all but a largest set that
/// do not.
fn broken_links(ranked: &Ranked) -> Vec<bool> {
    let mut broken = vec![false; ranked.links.len()];
    let pos = ranked.positions();
    for rank in &ranked.order {
        let inner: Vec<u32> = rank
            .iter()
            .flat_map(|&v| ranked.down.of(v))
            .copied()
            .filter(|&l| ranked.is_inner(&ranked.links[l as usize]))
            .collect();
        let ends: Vec<u32> = inner.iter().map(|&l| pos[ranked.links[l as usize].lower as usize]).collect();
        if ends.is_sorted() {
            continue;
        }
        for (i, kept) in longest_increasing(&ends).into_iter().enumerate() {
            broken[inner[i] as usize] = !kept;
        }
    }
    broken
}

/// Which elements belong to one longest strictly increasing subsequence.
fn longest_increasing(values: &[u32]) -> Vec<bool> {
    let mut tails: Vec<usize> = Vec::new();
    let mut before = vec![usize::MAX; values.len()];
    for (i, &value) in values.iter().enumerate() {
        let at = tails.partition_point(|&t| values[t] < value);
        if at > 0 {
            before[i] = tails[at - 1];
        }
        if at == tails.len() { tails.push(i) } else { tails[at] = i }
    }
    let mut kept = vec![false; values.len()];
    let mut at = tails.last().copied().unwrap_or(usize::MAX);
    while at != usize::MAX {
        kept[at] = true;
        at = before[at];
    }
    kept
}

/// `x[right] - x[left] >= distance`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Constraint {
    left: u32,
    right: u32,
    distance: i64,
}

fn constraints(ordered: &Ordered<'_>, variable: &[u32], spacing: &Spacing) -> Vec<Constraint> {
    let Ordered { network, ranked, extents, .. } = ordered;
    let is_line = |&v: &u32| ranked.is_bend(v) || network.items[v as usize].is_port();
    let mut constraints = Vec::new();
    for rank in &ranked.order {
        for pair in rank.windows(2) {
            let lines = pair.iter().any(is_line);
            let gap = if lines { spacing.lines } else { spacing.nodes };
            let [left, right] = [pair[0] as usize, pair[1] as usize];
            let distance = extents[left].right + extents[right].left + units(gap);
            constraints.push(Constraint { left: variable[left], right: variable[right], distance });
        }
    }
    constraints.sort_by_key(|c| (c.left, c.right, -c.distance));
    constraints.dedup_by_key(|c| (c.left, c.right));
    constraints
}

/// The cost `weight * |x[a] + at_a - x[b] - at_b|`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Term {
    a: u32,
    b: u32,
    /// `at_b - at_a`: where `b` wants to be less, seen from `a`.
    offset: i64,
    weight: i64,
}

fn terms(ordered: &Ordered<'_>, variable: &[u32]) -> Vec<Term> {
    let Ordered { network, ranked, ports, .. } = ordered;
    let mut terms = Vec::with_capacity(ranked.links.len());
    for (l, link) in ranked.links.iter().enumerate() {
        let (a, b) = (variable[link.upper as usize], variable[link.lower as usize]);
        if a == b {
            continue;
        }
        let out = if ranked.is_bend(link.upper) { 0.0 } else { ports.out[link.hyperedge as usize] };
        let offset = ((ports.into[l] - out) * UNITS).round() as i64;
        let (a, b, offset) = if a < b { (a, b, offset) } else { (b, a, -offset) };
        terms.push(Term { a, b, offset, weight: weight(network, ranked, link) });
    }
    terms.sort_by_key(|t| (t.a, t.b, t.offset));
    terms.dedup_by(|next, first| {
        let same = (next.a, next.b, next.offset) == (first.a, first.b, first.offset);
        if same {
            first.weight += next.weight;
        }
        same
    });
    terms
}

/// Chains of items stay straight before long lines do: the backbone runs through
/// the boxes, and what skips them stands at the side.
fn weight(network: &Network, ranked: &Ranked, link: &Link) -> i64 {
    if ranked.is_inner(link) {
        return 8;
    }
    // A line goes straight down first and turns to the side at its end, once.
    if ranked.is_bend(link.lower) {
        return 2;
    }
    if ranked.is_bend(link.upper) {
        return 1;
    }
    let chain =
        network.hyperedges[link.hyperedge as usize].ends.len() == 1 && ranked.up.of(link.lower).len() == 1;
    if chain { 8 } else { 4 }
}

struct System {
    variables: usize,
    constraints: Vec<Constraint>,
    terms: Vec<Term>,
}

impl System {
    fn solve(&self) -> Vec<i64> {
        let mut x = vec![0i64; self.variables];
        let mut local = vec![0u32; self.variables];
        let mut solved: HashMap<Part, Vec<i64>> = HashMap::new();
        for part in self.components() {
            for (i, &v) in part.variables.iter().enumerate() {
                local[v as usize] = i as u32 + 1;
            }
            let system = part.system(self, &local);
            let found = solved.entry(system).or_insert_with_key(Part::solve);
            for (i, &v) in part.variables.iter().enumerate() {
                x[v as usize] = found[i + 1] - found[0];
            }
        }
        x
    }

    /// The sets of variables that constraints or terms connect, the spine apart.
    fn components(&self) -> Vec<Component> {
        let mut forest = Forest::new(self.variables);
        let pairs =
            self.constraints.iter().map(|c| (c.left, c.right)).chain(self.terms.iter().map(|t| (t.a, t.b)));
        for (a, b) in pairs.filter(|&(a, b)| a != 0 && b != 0) {
            forest.join(a, b);
        }
        let mut number = vec![u32::MAX; self.variables];
        let mut components: Vec<Component> = Vec::new();
        let mut of = vec![0u32; self.variables];
        for v in 1..self.variables as u32 {
            let root = forest.root(v) as usize;
            if number[root] == u32::MAX {
                number[root] = components.len() as u32;
                components.push(Component::default());
            }
            of[v as usize] = number[root];
            components[number[root] as usize].variables.push(v);
        }
        for (i, c) in self.constraints.iter().enumerate() {
            components[of[c.left.max(c.right) as usize] as usize].constraints.push(i as u32);
        }
        for (i, t) in self.terms.iter().enumerate() {
            components[of[t.b as usize] as usize].terms.push(i as u32);
        }
        components
    }
}

/// Indices into a [`System`].
#[derive(Default)]
struct Component {
    variables: Vec<u32>,
    constraints: Vec<u32>,
    terms: Vec<u32>,
}

impl Component {
    /// The component in local numbers: the spine is 0, the others follow.
    fn system(&self, whole: &System, local: &[u32]) -> Part {
        let of = |v: u32| if v == 0 { 0 } else { local[v as usize] };
        let constraints = self.constraints.iter().map(|&i| {
            let c = whole.constraints[i as usize];
            Constraint { left: of(c.left), right: of(c.right), ..c }
        });
        let terms = self.terms.iter().map(|&i| {
            let t = whole.terms[i as usize];
            Term { a: of(t.a), b: of(t.b), ..t }
        });
        Part {
            variables: self.variables.len() + 1,
            constraints: constraints.collect(),
            terms: terms.collect(),
        }
    }
}

/// A component in numbers of its own; equal ones have equal solutions.
#[derive(PartialEq, Eq, Hash)]
struct Part {
    variables: usize,
    constraints: Vec<Constraint>,
    terms: Vec<Term>,
}

impl Part {
    fn solve(&self) -> Vec<i64> {
        let mut x = self.leftmost();
        // Each term becomes a node left of both its variables.
        let mut edges: Vec<Edge> = self
            .constraints
            .iter()
            .map(|c| Edge { tail: c.left, head: c.right, min: c.distance, weight: 0 })
            .collect();
        for t in &self.terms {
            let node = x.len() as u32;
            x.push(x[t.a as usize].min(x[t.b as usize] + t.offset));
            edges.push(Edge { tail: node, head: t.a, min: 0, weight: t.weight });
            edges.push(Edge { tail: node, head: t.b, min: -t.offset, weight: t.weight });
        }
        if self.terms.iter().all(|t| t.a != 0) {
            // Nothing ties this component to the spine: hold them together.
            edges.push(Edge { tail: 0, head: 1, min: x[1] - x[0], weight: 0 });
        }
        simplex::minimize(&edges, &mut x, 4_000_000 + 400 * self.variables as u64);
        x.truncate(self.variables);
        self.centre(&mut x);
        x
    }

    /// As far left as the constraints allow.
    fn leftmost(&self) -> Vec<i64> {
        let n = self.variables;
        let out = Csr::build(n, self.constraints.iter().enumerate().map(|(i, c)| (c.left, i as u32)));
        let mut missing = vec![0u32; n];
        self.constraints.iter().for_each(|c| missing[c.right as usize] += 1);
        let mut ready: Vec<u32> = (0..n as u32).filter(|&v| missing[v as usize] == 0).collect();
        let mut x = vec![0i64; n];
        let mut placed = 0;
        while let Some(v) = ready.pop() {
            placed += 1;
            for &i in out.of(v) {
                let c = &self.constraints[i as usize];
                x[c.right as usize] = x[c.right as usize].max(x[v as usize] + c.distance);
                missing[c.right as usize] -= 1;
                if missing[c.right as usize] == 0 {
                    ready.push(c.right);
                }
            }
        }
        debug_assert_eq!(placed, n, "lines that do not cross are ordered from left to right");
        x
    }

    /// Slides everything but the spine to the middle of where the cost is least.
    fn centre(&self, x: &mut [i64]) {
        let mut wishes: Vec<(i64, i64)> = self
            .terms
            .iter()
            .filter(|t| t.a == 0)
            .map(|t| (x[0] - t.offset - x[t.b as usize], t.weight))
            .collect();
        wishes.sort_unstable();
        let total: i64 = wishes.iter().map(|w| w.1).sum();
        let mut below = 0;
        for (i, &(shift, weight)) in wishes.iter().enumerate() {
            below += weight;
            if 2 * below >= total {
                // The median; an interval if the weights on both sides are equal.
                let upper = if 2 * below == total { wishes.get(i + 1).map_or(shift, |w| w.0) } else { shift };
                let by = shift + (upper - shift) / 2;
                x[1..].iter_mut().for_each(|v| *v += by);
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_increasing_run_is_kept() {
        let kept = longest_increasing(&[3, 0, 1, 5, 2, 4]);
        assert_eq!(kept, [false, true, true, false, true, true]);
    }
}
