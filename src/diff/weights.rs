//! Constants that differ.

use std::collections::BTreeSet;

use super::found::{Diff, WeightChange};
use super::partners::{Partners, constants};
use crate::error::Result;
use crate::formats::{content, same_stripped};
use crate::model::{Model, Tensor, TensorData, furthest};

/// Reports what became of each constant.
pub(super) fn compare(old: &Model, new: &Model, partners: &Partners, found: &mut Diff) -> Result<()> {
    let (before, after) = (constants(&old.graph), constants(&new.graph));
    let kind = |t: &Tensor| format!("{} {}", t.dtype, t.shape());
    for (name, a) in &before {
        let now = partners.value(name);
        let Some(b) = after.get(now) else {
            let what = format!("{} is gone", kind(a));
            found.weights.push(WeightChange { name: (*name).to_owned(), what, there: (true, false) });
            continue;
        };
        let what = if (a.dtype, &a.dims) != (b.dtype, &b.dims) {
            Some(format!("{} → {}", kind(a), kind(b)))
        } else if same_place(old, a, new, b) || same_stripped((old, a), (new, b)) {
            None
        } else {
            match (content(old, a), content(new, b)) {
                (Ok(x), Ok(y)) => (x != y).then(|| content_change(a, &x, &y)),
                // Weights that did not travel along are the same if the reference is.
                (Err(_), Err(_)) if same_reference(a, b) => None,
                (Err(error), _) | (_, Err(error)) => return Err(error),
            }
        };
        match what {
            Some(what) => {
                found.weights.push(WeightChange { name: (*name).to_owned(), what, there: (true, true) })
            }
            None => {
                found.same_weights += 1;
                if now != *name {
                    found.renamed_weights.push(((*name).to_owned(), now.to_owned()));
                }
            }
        }
    }
    let kept: BTreeSet<&str> = before.keys().map(|name| partners.value(name)).collect();
    for (name, b) in after.iter().filter(|(name, _)| !kept.contains(*name)) {
        let what = format!("{} is new", kind(b));
        found.weights.push(WeightChange { name: (*name).to_owned(), what, there: (false, true) });
    }
    Ok(())
}

/// Whether two tensors say the same of where their content is.
fn same_reference(a: &Tensor, b: &Tensor) -> bool {
    match (&a.data, &b.data) {
        (
            TensorData::External { path: p, at: x, len: m },
            TensorData::External { path: q, at: y, len: n },
        ) => (p, x, m) == (q, y, n),
        _ => false,
    }
}

/// Whether two tensors are stored alike, so that nothing has to be read.
fn same_place(old: &Model, a: &Tensor, new: &Model, b: &Tensor) -> bool {
    match (&a.data, &b.data) {
        (TensorData::External { .. }, TensorData::External { .. }) => {
            let folder = |model: &Model| {
                let path = std::path::Path::new(&model.source.name);
                path.parent().map(std::path::Path::to_owned)
            };
            same_reference(a, b) && (a.is_stripped() || folder(old) == folder(new))
        }
        (TensorData::External { .. }, _) | (_, TensorData::External { .. }) => false,
        _ => {
            let bytes = |model: &Model, t: &Tensor| model.source.slice(t.span);
            bytes(old, a).is_some() && bytes(old, a) == bytes(new, b)
        }
    }
}

fn content_change(tensor: &Tensor, x: &[u8], y: &[u8]) -> String {
    let array = |bytes: &[u8]| {
        let data = TensorData::Owned(bytes::Bytes::copy_from_slice(bytes));
        Tensor { data, ..tensor.clone() }.numbers(&crate::model::Source::default(), usize::MAX)
    };
    match (array(x), array(y)) {
        (Some(a), Some(b)) => {
            let differ = a.iter().zip(&b).filter(|(a, b)| a.to_bits() != b.to_bits()).count();
            let far = match furthest(&a, &b) {
                most if most.is_finite() => format!("by {most:.3e} at most"),
                _ => match a.iter().zip(&b).filter(|(a, b)| a.is_nan() != b.is_nan()).count() {
                    0 => "by infinity".to_owned(),
                    n => format!("{n} of them in being NaN"),
                },
            };
            format!("{differ} of {} elements differ, {far}", a.len())
        }
        _ => "another content".into(),
    }
}
