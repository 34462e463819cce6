//! Finds the horizontal tracks of right-angled lines.
//!
//! Before: each vertex has an x. After: each link that goes to the side has a track
//! in its gap, numbered from above. Lines of one value that leave one place share a
//! track; lines of different values that would touch have different ones. Which is
//! above is chosen for few crossings, and so that no vertical pieces lie on each
//! other where that can be had (M. Schulze, C. Spönemann, R. von Hanxleden, "Drawing
//! layered graphs with port constraints", JVLC 25(2), 2014, section 5).

use super::ordered::Ordered;

/// More pairs of lines than this in a gap get their tracks from left to right.
const MOST_PAIRS: usize = 100_000;
/// Verticals nearer than this would look like one line.
const TOUCH: f64 = 3.0;
/// What lines on each other are worth, in crossings.
const OVERLAP: i64 = 1_000;

/// The lines of one value from one place, in the gap below a rank.
struct Bus {
    links: Vec<u32>,
    top: f64,
    bottoms: Vec<f64>,
    left: f64,
    right: f64,
}

/// Sets the track of each link below `rank` in `track`; gives the number of tracks.
pub(super) fn tracks_below(ordered: &Ordered<'_>, rank: &[u32], x: &[f64], track: &mut [u32]) -> usize {
    let mut buses = buses(ordered, rank, x);
    buses.sort_by(|a, b| a.left.total_cmp(&b.left).then(a.links[0].cmp(&b.links[0])));
    let places = match pairs(&buses) {
        Some(pairs) => by_crossings(&buses, &pairs),
        None => from_the_left(&buses),
    };
    for (bus, &place) in buses.iter().zip(&places) {
        bus.links.iter().for_each(|&l| track[l as usize] = place);
    }
    places.iter().max().map_or(0, |&p| p as usize + 1)
}

fn buses(ordered: &Ordered<'_>, rank: &[u32], x: &[f64]) -> Vec<Bus> {
    let ranked = &ordered.ranked;
    let mut buses: Vec<Bus> = Vec::new();
    for &vertex in rank {
        let mut links = ranked.down.of(vertex).to_vec();
        links.sort_by_key(|&l| (ranked.links[l as usize].hyperedge, l));
        for links in
            links.chunk_by(|&a, &b| ranked.links[a as usize].hyperedge == ranked.links[b as usize].hyperedge)
        {
            let ends = links.iter().map(|&l| ordered.link_ends(l, x));
            let (tops, bottoms): (Vec<f64>, Vec<f64>) = ends.unzip();
            let left = bottoms.iter().copied().fold(tops[0], f64::min);
            let right = bottoms.iter().copied().fold(tops[0], f64::max);
            if right - left >= 0.01 {
                buses.push(Bus { links: links.to_vec(), top: tops[0], bottoms, left, right });
            }
        }
    }
    buses
}

/// The pairs of buses, sorted by their left ends, that would touch on one track;
/// nothing if there are too many.
fn pairs(buses: &[Bus]) -> Option<Vec<(u32, u32)>> {
    let mut pairs = Vec::new();
    for (i, a) in buses.iter().enumerate() {
        for (j, b) in buses.iter().enumerate().skip(i + 1) {
            if b.left > a.right + TOUCH {
                break;
            }
            pairs.push((i as u32, j as u32));
            if pairs.len() > MOST_PAIRS {
                return None;
            }
        }
    }
    Some(pairs)
}

/// What it costs to have `a` above `b`.
fn cost(a: &Bus, b: &Bus) -> i64 {
    let inside = |x: f64, bus: &Bus| x > bus.left && x < bus.right;
    let mut cost = i64::from(inside(b.top, a));
    for &x in &a.bottoms {
        cost += i64::from(inside(x, b));
        cost += if (x - b.top).abs() < TOUCH { OVERLAP } else { 0 };
    }
    cost
}

/// Tracks in an order with few crossings: P. Eades, X. Lin, W. F. Smyth, "A fast and
/// effective heuristic for the feedback arc set problem", IPL 47(6), 1993.
fn by_crossings(buses: &[Bus], pairs: &[(u32, u32)]) -> Vec<u32> {
    let n = buses.len();
    // above[i]: the buses that i should be above of, and how much that is worth.
    let mut above: Vec<Vec<(u32, i64)>> = vec![Vec::new(); n];
    let mut touching: Vec<Vec<u32>> = vec![Vec::new(); n];
    // What each gains by being above, less what it loses.
    let mut worth = vec![0i64; n];
    for &(i, j) in pairs {
        let (a, b) = (&buses[i as usize], &buses[j as usize]);
        let gain = cost(b, a) - cost(a, b);
        touching[i as usize].push(j);
        touching[j as usize].push(i);
        above[i as usize].push((j, gain));
        above[j as usize].push((i, -gain));
        worth[i as usize] += gain;
        worth[j as usize] -= gain;
    }
    let mut waiting = std::collections::BTreeSet::from_iter((0..n).map(|i| (-worth[i], i)));
    let mut place = vec![u32::MAX; n];
    while let Some((_, i)) = waiting.pop_first() {
        let taken = touching[i].iter().map(|&j| place[j as usize]).filter(|&p| p != u32::MAX);
        place[i] = taken.max().map_or(0, |p| p + 1);
        for &(j, gain) in &above[i] {
            let j = j as usize;
            if waiting.remove(&(-worth[j], j)) {
                worth[j] += gain;
                waiting.insert((-worth[j], j));
            }
        }
    }
    place
}

/// Each bus on the first track that is free, from the left (A. Hashimoto, J. Stevens,
/// "Wire routing by optimizing channel assignment within large apertures", DAC 1971).
fn from_the_left(buses: &[Bus]) -> Vec<u32> {
    let mut free: std::collections::BTreeSet<u32> = std::collections::BTreeSet::new();
    let mut busy: std::collections::BinaryHeap<std::cmp::Reverse<(u64, u32)>> = Default::default();
    // Positive floats are ordered as their bits are.
    let least = buses.iter().map(|b| b.left).fold(0.0, f64::min);
    let bits = |x: f64| (x - least + TOUCH).to_bits();
    let mut count = 0;
    buses
        .iter()
        .map(|bus| {
            while let Some(&std::cmp::Reverse((end, track))) = busy.peek() {
                if end >= bits(bus.left - TOUCH) {
                    break;
                }
                busy.pop();
                free.insert(track);
            }
            let track = free.pop_first().unwrap_or_else(|| {
                count += 1;
                count - 1
            });
            busy.push(std::cmp::Reverse((bits(bus.right), track)));
            track
        })
        .collect()
}
