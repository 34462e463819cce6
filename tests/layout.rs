//! What layout promises, on small graphs by hand and thousands at random.

mod common;

use common::geometry::{boxes, check, points};
use common::graphs::{add_box, add_wire, diagram, page, random, random_nested};
use modelgram::stages::diagram::hubs::{Hubs, connect_hubs};
use modelgram::stages::diagram::{BoxId, Diagram, Direction, Frame, FrameId, Padding, Size};
use modelgram::stages::layout::{Columns, Layout, Options, Piece, RouteKind, Splines, layered, layered_from};

fn lay_out(diagram: &Diagram) -> Layout {
    layered(diagram, &Options::default())
}

/// The middle of a box by its name.
fn middle(diagram: &Diagram, layout: &Layout, name: &str) -> (f64, f64) {
    let i = diagram.boxes.iter().position(|b| b.name == name).expect("the box is there");
    let b = boxes(diagram, layout)[i];
    ((b.left + b.right) / 2.0, (b.top + b.bottom) / 2.0)
}

#[test]
fn a_chain_is_a_straight_line_downwards() {
    let d = diagram("a -> b -> c");
    let layout = lay_out(&d);
    let [a, b, c] = ["a", "b", "c"].map(|n| middle(&d, &layout, n));
    assert!(a.0 == b.0 && b.0 == c.0 && a.1 < b.1 && b.1 < c.1);
    for route in &layout.routes {
        assert!(points(route).windows(2).all(|p| p[0].x == p[1].x), "a line is not straight");
    }
}

#[test]
fn a_skip_connection_runs_at_the_right_and_leaves_the_backbone_straight() {
    let d = diagram("a -> b -> c -> add; a -> add; add -> d");
    let layout = lay_out(&d);
    let x: Vec<f64> = ["a", "b", "c", "add", "d"].iter().map(|n| middle(&d, &layout, n).0).collect();
    assert!(x.windows(2).all(|w| w[0] == w[1]), "{x:?}");
    let rail = layout.routes.iter().find(|r| r.wires == [3]).unwrap();
    let far = points(rail).iter().map(|p| p.x).fold(0.0, f64::max);
    assert!(far > x[0] + 30.0, "the rail stands at {far}");
}

#[test]
fn the_branches_of_a_fork_stand_evenly() {
    let d = diagram("a -> b -> e; a -> c -> e");
    let layout = lay_out(&d);
    let [a, b, c] = ["a", "b", "c"].map(|n| middle(&d, &layout, n).0);
    assert_eq!(a - b, c - a);
}

#[test]
fn a_source_stands_right_above_its_only_user() {
    let d = diagram("a -> b -> c -> d; late -> d");
    let layout = lay_out(&d);
    assert!(middle(&d, &layout, "late").1 > middle(&d, &layout, "b").1);
}

#[test]
fn far_uses_share_a_trunk() {
    let d = diagram("a -> b -> c -> d -> e; a -> d; a -> e");
    let layout = lay_out(&d);
    let kinds: Vec<RouteKind> = layout.routes.iter().map(|r| r.kind).collect();
    assert_eq!(kinds.iter().filter(|&&k| k == RouteKind::Trunk).count(), 1);
    assert_eq!(kinds.iter().filter(|&&k| k == RouteKind::Tap).count(), 2);
    let single = layered(&d, &with!(Options { trunks: false, ..Options::default() }));
    assert!(single.routes.iter().all(|r| r.kind == RouteKind::Plain));
    check(&d, &single, "without trunks");
}

#[test]
fn left_to_right_is_top_to_bottom_turned() {
    let mut d = diagram("a -> b -> c; a -> c");
    d.direction = Direction::LeftRight;
    let layout = lay_out(&d);
    check(&d, &layout, "left to right");
    let [a, b] = ["a", "b"].map(|n| middle(&d, &layout, n));
    assert!(a.0 < b.0 && a.1 == b.1);
}

#[test]
fn a_value_with_many_far_uses_becomes_pills_at_its_users() {
    let chain: Vec<String> = (0..20).map(|i| format!("c{i}")).collect();
    let uses: Vec<String> = (0..20).step_by(2).map(|i| format!("mask -> c{i}")).collect();
    let mut d = diagram(&format!("first -> {}; {}", chain.join(" -> "), uses.join(";")));
    connect_hubs(&mut d, &Hubs::default());
    let layout = lay_out(&d);
    check(&d, &layout, "hub");
    let pills = layout.routes.iter().filter(|r| r.kind == RouteKind::Connector);
    assert_eq!(pills.clone().filter(|r| r.to.is_some()).count(), 10);
    assert_eq!(pills.filter(|r| r.to.is_none()).count(), 1, "one at the definition");
}

#[test]
fn a_value_that_carries_the_flow_keeps_its_lines() {
    let chain: Vec<String> = (0..20).map(|i| format!("c{i}")).collect();
    let uses: Vec<String> = (2..20).step_by(2).map(|i| format!("pool -> c{i}")).collect();
    let mut d = diagram(&format!("pool -> {}; {}", chain.join(" -> "), uses.join(";")));
    connect_hubs(&mut d, &Hubs::default());
    assert!(d.wires.iter().all(|w| w.connector.is_none()));
}

#[test]
fn a_long_chain_wraps_into_columns() {
    let names: Vec<String> = (0..60).map(|i| format!("c{i}")).collect();
    let mut d = diagram(&names.join(" -> "));
    let cases =
        [(Columns::Count(3), None), (Columns::Aspect(1.5), Some(1.5)), (Columns::Aspect(0.6), Some(0.6))];
    for (columns, ratio) in cases {
        for direction in [Direction::TopBottom, Direction::LeftRight] {
            d.direction = direction;
            let layout = layered(&d, &with!(Options { columns, ..Options::default() }));
            check(&d, &layout, &format!("{columns:?} {direction}"));
            let (w, h) = (layout.size.width, layout.size.height);
            let near = |ratio: f64| (0.7..1.4).contains(&(w / h / ratio));
            assert!(ratio.is_none_or(near), "{columns:?} {direction}: {w} by {h}");
        }
    }
}

#[test]
fn a_picture_made_again_from_itself_is_the_same() {
    let mut others = 0;
    for seed in 0..500 {
        let mut d = random(seed);
        name_boxes(&mut d);
        let first = lay_out(&d);
        let again = layered_from(&d, &Options::default(), (&d, &first));
        assert_eq!(turned_pairs((&d, &first), (&d, &again)), 0, "seed {seed}");
        others += usize::from(format!("{first:?}") != format!("{again:?}"));
    }
    // Sifting may find what it had not found from another start.
    assert!(others <= 10, "{others} of 500 pictures have another line");
}

/// Without its last box a picture has the rest in the order they had, and keeps every
/// promise; laid out anew it may be another picture.
#[test]
fn a_small_edit_keeps_the_order() {
    let (mut kept, mut anew) = (0, 0);
    for seed in 0..500 {
        let mut old = random(seed);
        name_boxes(&mut old);
        let before = lay_out(&old);
        let mut new = old.clone();
        let last = BoxId(new.boxes.len() as u32 - 1);
        new.boxes.pop();
        new.wires.retain(|w| w.from != last && w.to != last);
        let after = layered_from(&new, &Options::default(), (&old, &before));
        check(&new, &after, &format!("edit of seed {seed}"));
        kept += turned_pairs((&old, &before), (&new, &after));
        anew += turned_pairs((&old, &before), (&new, &lay_out(&new)));
    }
    assert!(kept * 4 < anew, "{kept} pairs changed sides, and {anew} if laid out anew");
}

fn name_boxes(d: &mut Diagram) {
    d.boxes.iter_mut().enumerate().for_each(|(i, b)| b.name = format!("n{i}"));
}

/// Pairs of boxes beside each other in both pictures, and in another order.
fn turned_pairs(old: (&Diagram, &Layout), new: (&Diagram, &Layout)) -> usize {
    let (a, b) = (boxes(old.0, old.1), boxes(new.0, new.1));
    let mut count = 0;
    for i in 0..b.len() {
        for j in 0..i {
            let beside = |r: &[common::geometry::Rect]| r[i].top < r[j].bottom && r[j].top < r[i].bottom;
            count +=
                usize::from(beside(&a) && beside(&b) && (a[i].left < a[j].left) != (b[i].left < b[j].left));
        }
    }
    count
}

/// Right-angled lines of different values share no stretch, but for the few where no
/// order of tracks can part them.
#[test]
fn right_angled_lines_turn_at_right_angles_and_keep_apart() {
    let (mut pairs, mut shared) = (0, 0);
    for seed in 0..600 {
        let d = random(seed);
        let layout = layered(&d, &with!(Options { splines: Splines::Ortho, ..Options::default() }));
        let mut horizontal = Vec::new();
        for route in &layout.routes {
            let wire = &d.wires[route.wires[0] as usize];
            let mut at = route.start;
            for piece in &route.pieces {
                let end = piece.end();
                if let Piece::Line(_) = piece {
                    assert!(at.x == end.x || at.y == end.y, "seed {seed}: {at:?} to {end:?}");
                    if at.y == end.y && at.x != end.x {
                        let (left, right) = (at.x.min(end.x), at.x.max(end.x));
                        horizontal.push((at.y, left, right, (wire.from, wire.from_slot)));
                    }
                }
                at = end;
            }
        }
        for (i, a) in horizontal.iter().enumerate() {
            for b in &horizontal[..i] {
                let one = (a.0 - b.0).abs() < 1.0 && a.1 < b.2 && b.1 < a.2 && a.3 != b.3;
                pairs += 1;
                shared += usize::from(one);
            }
        }
    }
    assert!(pairs > 10_000 && shared == 0, "{shared} of {pairs} pairs lie on each other");
}

#[test]
fn polylines_have_no_curves_but_loops() {
    let d = diagram("a -> b -> d; a -> c -> d; a -> d");
    let layout = layered(&d, &with!(Options { splines: Splines::Polyline, ..Options::default() }));
    let pieces = layout.routes.iter().flat_map(|r| &r.pieces);
    assert!(pieces.clone().all(|p| matches!(p, Piece::Line(_))));
    assert!(pieces.count() > 5);
}

#[test]
fn random_graphs_keep_every_promise() {
    for seed in 0..3000 {
        let mut d = random(seed);
        if seed % 3 == 0 {
            d.direction = Direction::LeftRight;
        }
        if seed % 4 == 0 {
            connect_hubs(&mut d, &Hubs { uses: 2, ranks: 1, per_box: 3 });
        }
        let columns = match seed % 7 {
            0 => Columns::Count(1 + seed as u32 % 5),
            1 => Columns::Aspect(0.5 + (seed % 4) as f64),
            _ => Columns::One,
        };
        let splines = [Splines::Curved, Splines::Ortho, Splines::Polyline][seed as usize / 5 % 3];
        let options = with!(Options { trunks: seed % 5 != 0, columns, splines, ..Options::default() });
        let layout = layered(&d, &options);
        check(&d, &layout, &format!("seed {seed}"));
        if seed % 10 == 0 {
            let again = layered(&d, &options);
            assert_eq!(format!("{layout:?}"), format!("{again:?}"), "seed {seed}: two runs differ");
        }
    }
}

#[test]
fn random_frames_keep_every_promise() {
    for seed in 0..2000 {
        let mut d = random_nested(seed);
        if seed % 3 == 0 {
            d.direction = Direction::LeftRight;
        }
        let splines = [Splines::Curved, Splines::Ortho, Splines::Polyline][seed as usize / 5 % 3];
        let layout = layered(&d, &with!(Options { splines, ..Options::default() }));
        check(&d, &layout, &format!("nested seed {seed}"));
    }
}

#[test]
fn frames_nested_sixty_deep() {
    let mut d = diagram("a -> b -> c; a -> c");
    for depth in 0..60u32 {
        let (padding, title_size) = (Padding { top: 16.0, side: 8.0 }, Size { width: 30.0, height: 14.0 });
        d.frames.push(Frame { parent: Some(FrameId(depth)), padding, title_size, ..Frame::default() });
    }
    d.boxes[1].frame = FrameId(60);
    check(&d, &lay_out(&d), "deep");
}

#[test]
fn equal_frames_look_equal() {
    let mut d = diagram("in -> a -> b -> c -> d; a -> c; d -> a2 -> b2 -> c2 -> d2; a2 -> c2; d2 -> out");
    for first in [1, 5] {
        let id = FrameId(d.frames.len() as u32);
        let padding = Padding { top: 16.0, side: 8.0 };
        d.frames.push(Frame { parent: Some(FrameId::PAGE), padding, ..Frame::default() });
        d.boxes[first..first + 4].iter_mut().for_each(|b| b.frame = id);
    }
    let layout = lay_out(&d);
    check(&d, &layout, "equal frames");
    assert_eq!(layout.frames[1].size, layout.frames[2].size);
    assert_eq!(layout.boxes[1..5], layout.boxes[5..9]);
}

#[test]
fn no_box_and_one_box() {
    let empty = page();
    check(&empty, &lay_out(&empty), "no box");
    let mut one = page();
    add_box(&mut one, 60.0, 22.0);
    check(&one, &lay_out(&one), "one box");
    add_wire(&mut one, BoxId(0), 0, BoxId(0));
    check(&one, &lay_out(&one), "a loop");
}

/// A page with `n` boxes of one size.
fn many(n: usize) -> Diagram {
    let mut d = page();
    for _ in 0..n {
        add_box(&mut d, 40.0, 20.0);
    }
    d
}

/// Adds wires without looking for the operand's position, which is 0.
fn wire_all(d: &mut Diagram, wires: impl Iterator<Item = (usize, usize)>) {
    let mut scratch = page();
    add_box(&mut scratch, 1.0, 1.0);
    add_wire(&mut scratch, BoxId(0), 0, BoxId(0));
    let pattern = scratch.wires.pop().expect("just added");
    for (a, b) in wires {
        let wire = modelgram::stages::diagram::Wire {
            from: BoxId(a as u32),
            to: BoxId(b as u32),
            ..pattern.clone()
        };
        d.boxes[a].outputs = vec![0];
        d.wires.push(wire);
    }
}

#[test]
fn five_thousand_parallel_wires() {
    let mut d = many(3);
    wire_all(&mut d, (0..5000).map(|_| (0, 1)));
    wire_all(&mut d, [(1, 2)].into_iter());
    wire_all(&mut d, (0..50).map(|_| (0, 2)));
    check(&d, &lay_out(&d), "parallel wires");
    check(&d, &layered(&d, &with!(Options { trunks: false, ..Options::default() })), "parallel wires apart");
}

#[test]
fn stars_of_twenty_thousand() {
    let mut d = many(20_001);
    wire_all(&mut d, (1..=20_000).map(|i| (0, i)));
    check(&d, &lay_out(&d), "star");
    let mut d = many(20_001);
    wire_all(&mut d, (1..=20_000).map(|i| (i, 0)));
    check(&d, &lay_out(&d), "star inwards");
}

#[test]
fn a_path_of_two_hundred_thousand() {
    let mut d = many(200_000);
    wire_all(&mut d, (1..200_000).map(|i| (i - 1, i)));
    check(&d, &lay_out(&d), "path");
}

#[test]
fn five_thousand_boxes_without_wires() {
    let d = many(5000);
    let layout = lay_out(&d);
    check(&d, &layout, "no wires");
    let aspect = layout.size.width / layout.size.height;
    assert!((0.5..3.0).contains(&aspect), "the page is {aspect} times as wide as high");
}

#[test]
fn a_large_tangle_ends_in_time() {
    let mut d = many(3000);
    let mut random = common::graphs::Random::new(5);
    let wires: Vec<_> =
        (0..9000).map(|_| (random.below(3000), random.below(3000))).filter(|(a, b)| a < b).collect();
    wire_all(&mut d, wires.into_iter());
    check(&d, &lay_out(&d), "tangle");
}

/// Every line of the second engine begins and ends at the border of its boxes.
#[cfg(feature = "layout-rs")]
#[test]
fn the_second_engine_draws_lines_from_box_to_box() {
    for text in ["a -> b -> c; a -> c", "a -> b -> c -> a", "a -> b; a -> b; b -> b"] {
        let d = diagram(text);
        let layout = modelgram::stages::layout::layout_rs(&d).unwrap();
        let boxes = boxes(&d, &layout);
        assert_eq!(layout.routes.len(), d.wires.len());
        for route in &layout.routes {
            let end = route.pieces.last().unwrap().end();
            for (at, b) in [(route.start, route.from), (end, route.to.unwrap())] {
                let r = boxes[b.index()];
                let inside = at.x >= r.left - 1.0 && at.x <= r.right + 1.0;
                assert!(inside && at.y >= r.top - 1.0 && at.y <= r.bottom + 1.0, "{text}: {at:?} of {r:?}");
            }
        }
    }
}
