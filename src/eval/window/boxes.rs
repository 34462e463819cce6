//! `NonMaxSuppression`.

use crate::eval::elements::{of, view};
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;

/// More pairs of boxes than may be compared.
const MOST_PAIRS: u64 = 1 << 33;

/// A box by its least and greatest coordinates.
#[derive(Clone, Copy)]
struct Corners {
    x: [f32; 2],
    y: [f32; 2],
}

/// What decides which boxes stay.
struct Limits {
    boxes: usize,
    overlap: f32,
    score: Option<f32>,
}

/// `NonMaxSuppression`: the boxes of each class of each image that stay, best first.
pub(super) fn suppress(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let (boxes, scores) = (call.array(0)?, call.array(1)?);
    let ([images, all, 4], [same, classes, others]) = (&boxes.dims[..], &scores.dims[..]) else {
        return Failure::invalid(format!("boxes {:?} with scores {:?}", boxes.dims, scores.dims));
    };
    if images != same || all != others {
        return Failure::invalid(format!("boxes {:?} with scores {:?}", boxes.dims, scores.dims));
    }
    let limits = limits(call)?;
    let (boxes, scores) = (view::<f32>(boxes)?, view::<f32>(scores)?);
    if boxes.iter().any(|x| x.is_nan()) || scores.iter().any(|x| x.is_nan()) {
        return Failure::unsupported("a NaN among boxes or scores differs between runtimes");
    }
    let corners = corners(&boxes, call.int("center_point_box", 0)?)?;
    let (all, classes) = (*all as usize, *classes as usize);
    let mut kept = Vec::new();
    let mut pairs = 0;
    for (number, scores) in scores.chunks_exact(all.max(1)).enumerate() {
        let (image, class) = (number / classes.max(1), number % classes.max(1));
        let own = &corners[image * all..(image + 1) * all];
        for at in best(own, scores, &limits, &mut pairs)? {
            kept.extend([image as i64, class as i64, at as i64]);
        }
    }
    Ok(vec![of(vec![kept.len() as i64 / 3, 3], kept).into()])
}

fn limits(call: &Call<'_>) -> Result<Limits, Failure> {
    let number = |slot: usize| -> Result<Option<f32>, Failure> {
        let only = |array: &Array| match view::<f32>(array)?.as_ref() {
            [x] if !x.is_nan() => Ok(*x),
            list => Failure::invalid(format!("operand {slot} is {} numbers", list.len())),
        };
        call.maybe(slot)?.map(only).transpose()
    };
    let overlap = number(3)?.unwrap_or(0.0);
    if !(0.0..=1.0).contains(&overlap) {
        return Failure::invalid(format!("iou_threshold is {overlap}"));
    }
    let boxes = usize::try_from(call.int_at(2)?.unwrap_or(0)).unwrap_or(0);
    Ok(Limits { boxes, overlap, score: number(4)? })
}

fn corners(boxes: &[f32], centered: i64) -> Result<Vec<Corners>, Failure> {
    let ordered = |a: f32, b: f32| if a >= b { [b, a] } else { [a, b] };
    let around = |center: f32, size: f32| [center - size / 2.0, center + size / 2.0];
    let of = |b: &[f32]| match centered {
        0 => Ok(Corners { x: ordered(b[1], b[3]), y: ordered(b[0], b[2]) }),
        1 => Ok(Corners { x: around(b[0], b[2]), y: around(b[1], b[3]) }),
        other => Failure::invalid(format!("center_point_box is {other}")),
    };
    boxes.chunks_exact(4).map(of).collect()
}

/// The boxes of one class that stay.
fn best(
    corners: &[Corners],
    scores: &[f32],
    limits: &Limits,
    pairs: &mut u64,
) -> Result<Vec<usize>, Failure> {
    let enough = |&at: &usize| limits.score.is_none_or(|least| scores[at] > least);
    let mut order: Vec<usize> = (0..scores.len()).filter(enough).collect();
    // Of equal scores the first box comes first; zeros of either sign are equal.
    order.sort_by(|&a, &b| scores[b].partial_cmp(&scores[a]).unwrap_or(std::cmp::Ordering::Equal));
    let mut kept: Vec<usize> = Vec::new();
    for at in order {
        if kept.len() >= limits.boxes {
            break;
        }
        *pairs += kept.len() as u64;
        if *pairs > MOST_PAIRS {
            return Err(Failure::TooLarge("too many pairs of boxes".to_owned()));
        }
        if !kept.iter().any(|&other| overlap(corners[at], corners[other], limits.overlap)) {
            kept.push(at);
        }
    }
    Ok(kept)
}

/// Whether two boxes overlap by more than a share of what they cover together.
fn overlap(a: Corners, b: Corners, most: f32) -> bool {
    let common = |a: [f32; 2], b: [f32; 2]| a[1].min(b[1]) - a[0].max(b[0]);
    let meets = |a: [f32; 2], b: [f32; 2]| a[1].min(b[1]) > a[0].max(b[0]);
    if !meets(a.x, b.x) || !meets(a.y, b.y) {
        return false;
    }
    let area = |c: Corners| (c.x[1] - c.x[0]) * (c.y[1] - c.y[0]);
    let shared = common(a.x, b.x) * common(a.y, b.y);
    let (own, other) = (area(a), area(b));
    let all = own + other - shared;
    shared > 0.0 && own > 0.0 && other > 0.0 && all > 0.0 && shared / all > most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_equal_scores_the_first_box_stays() {
        let corners = corners(&[0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0], 0).unwrap();
        let limits = Limits { boxes: 2, overlap: 0.5, score: None };
        assert_eq!(best(&corners, &[0.0, -0.0], &limits, &mut 0), Ok(vec![0]));
    }

    #[test]
    fn a_score_that_equals_the_threshold_is_too_low() {
        let corners = corners(&[0.0, 0.0, 1.0, 1.0], 0).unwrap();
        let limits = Limits { boxes: 2, overlap: 0.5, score: Some(0.5) };
        assert_eq!(best(&corners, &[0.5], &limits, &mut 0), Ok(Vec::new()));
    }
}
