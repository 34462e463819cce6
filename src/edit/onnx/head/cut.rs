//! A head for features: of a model that has none, or at a place that was given.

use super::counted_classes;
use super::find::Kind;
use super::options::{Activation, HeadOptions, Pool};
use super::swap::finish;
use super::tail::activate;
use super::weights::{Matrix, Supply};
use crate::edit::draft::{Builder, Draft, Place};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{AttributeValue, Dim, Edit, NewValue, TensorType};
use crate::text::printable;

/// The output that a model without a head gives as its features.
///
/// # Errors
/// If more than one may be them, or none.
pub(super) fn features(draft: &Draft) -> Result<String> {
    let float = |name: &&String| draft.ty(name).is_some_and(|ty| ty.dtype.is_float());
    let rank = |name: &String| draft.ty(name).and_then(|ty| ty.shape.as_ref()).map(|s| s.0.len());
    let all: Vec<&String> = draft.outputs.iter().filter(float).collect();
    let pooled: Vec<&&String> = all.iter().filter(|name| rank(name) == Some(2)).collect();
    match (all.as_slice(), pooled.as_slice()) {
        ([one], _) => Ok((*one).clone()),
        (_, [one]) => Ok((**one).clone()),
        _ => {
            let mut error =
                Error::new(ErrorKind::Usage, "the model has no head, and its features are not clear");
            for name in draft.outputs.iter().take(10) {
                let ty = draft.ty(name).map_or_else(|| "of unknown type".to_owned(), ToString::to_string);
                error = error.hint(format!("--at {}: {ty}", printable(name)));
            }
            Err(error.hint("--at VALUE puts the head on any value"))
        }
    }
}

/// How features lie.
enum Layout {
    /// Batch and features.
    Flat,
    /// Batch, positions and features.
    Sequence,
    /// Batch, features and a map.
    Map,
    /// Batch, a map and features, as Keras has it.
    MapLast,
}

/// The edit that puts a head on a value.
pub(super) fn cut(mut draft: Draft, value: &str, options: &HeadOptions) -> Result<Edit> {
    if options.keep {
        let error =
            Error::new(ErrorKind::Usage, format!("there is no old head on `{}` to keep", printable(value)));
        return Err(error.hint("leave --keep out, or leave --at out to find the head"));
    }
    let output = replaced(&draft, value)?;
    let ty = draft.ty(value).cloned();
    let (dtype, dims) = match &ty {
        Some(TensorType { dtype, shape: Some(shape) }) if dtype.is_float() => (*dtype, shape.0.clone()),
        _ => {
            let what = ty.map_or_else(|| "of unknown type".to_owned(), |ty| format!("{ty}"));
            let error = Error::new(ErrorKind::Usage, format!("`{}` is {what}", printable(value)));
            return Err(error.hint("a head takes floats of a known rank"));
        }
    };
    let layout = layout(&draft, value, dims.len())?;
    let channel = match layout {
        Layout::Map => 1,
        _ => dims.len() - 1,
    };
    let Some(Dim::Known(width)) = dims.get(channel).cloned() else {
        let fact = format!(
            "the number of features of `{}` is not known ({})",
            printable(value),
            crate::model::Shape(dims)
        );
        return Err(Error::new(ErrorKind::Usage, fact));
    };
    let mut account =
        vec![format!("features: `{}`, {width} of {}", printable(value), crate::model::Shape(dims.clone()))];
    let mut builder = Builder { draft: &mut draft, place: Place::End, dtype };
    let (features, kind) = pooled(&mut builder, value, &layout, options.pool)?;
    let mut supply = Supply::of(options, dtype);
    let (features, width) = builder.in_front(kind, (features, width), options, &mut supply)?;
    let (weight, bias) = supply.layer("head", (options.classes, width), 0)?;
    let bias = bias.unwrap_or_else(|| Matrix::zeros(weight.rows, 1, dtype));
    let result = builder.dense(kind, "head/classes", &features, &weight, &bias);
    account.push(format!("new: {} of {width} features, {}", counted_classes(options.classes), supply.told()));
    let rank = match (&layout, kind) {
        (Layout::Sequence, Kind::MatMul) => 3,
        (Layout::MapLast, Kind::MatMul) => 4,
        (_, Kind::Conv) => 4,
        _ => 2,
    };
    let axis = if kind == Kind::Conv { 1 } else { rank - 1 };
    let old = draft.outputs[output].clone();
    draft.set_graph_output(output, &result);
    draft.sweep();
    // The old name, if what had it is gone.
    let name = match draft.definer(&old) {
        None if old != value => old,
        _ => draft.fresh(match options.activation {
            Some(Activation::Softmax | Activation::Sigmoid) => "probabilities",
            _ => "logits",
        }),
    };
    if let Some(maker) = draft.definer(&result) {
        draft.set_output(maker, &name);
        draft.replace_uses(&result, &name);
    }
    if let Some(wanted) = options.activation.filter(|a| *a != Activation::None) {
        activate(&mut draft, &name, None, wanted, (axis, rank), false);
        account.push(format!("{wanted:?} over axis {axis} of {rank}"));
    }
    finish(draft, output, options, account)
}

/// The number of the one output that the new head takes the place of.
fn replaced(draft: &Draft, value: &str) -> Result<usize> {
    if let Some(number) = draft.outputs.iter().position(|name| name == value) {
        return Ok(number);
    }
    let mut behind = std::collections::HashSet::from([value.to_owned()]);
    draft.in_order(|step| {
        if step.takes().any(|name| behind.contains(name)) {
            behind.extend(step.outputs.iter().cloned());
        }
    });
    let outputs: Vec<usize> =
        (0..draft.outputs.len()).filter(|&i| behind.contains(&draft.outputs[i])).collect();
    match outputs[..] {
        [one] => Ok(one),
        [] => {
            let error = Error::new(ErrorKind::Usage, format!("no output depends on `{}`", printable(value)));
            Err(error.hint("the new head takes the place of the output behind it"))
        }
        _ => {
            let names: Vec<String> =
                outputs.iter().map(|&i| format!("`{}`", printable(&draft.outputs[i]))).collect();
            let fact =
                format!("more than one output depends on `{}`: {}", printable(value), names.join(", "));
            Err(Error::new(ErrorKind::Usage, fact).hint("give --at a value that only one of them needs"))
        }
    }
}

fn layout(draft: &Draft, value: &str, rank: usize) -> Result<Layout> {
    match rank {
        2 => Ok(Layout::Flat),
        3 => Ok(Layout::Sequence),
        4 => {
            let maker = draft.definer(value).map(|id| draft.step(id));
            let last = maker.is_some_and(|step| {
                step.is("Transpose")
                    && matches!(step.attribute("perm"), Some(AttributeValue::Ints(perm)) if *perm == [0, 2, 3, 1])
            });
            Ok(if last { Layout::MapLast } else { Layout::Map })
        }
        _ => {
            let error = Error::new(ErrorKind::Usage, format!("`{}` has rank {rank}", printable(value)));
            Err(error.hint("features are batch x size, batch x positions x size, or a map of rank 4"))
        }
    }
}

/// The features of each position become one list; and the layer that fits what is left.
fn pooled(builder: &mut Builder, value: &str, layout: &Layout, pool: Option<Pool>) -> Result<(String, Kind)> {
    let usage = |message: &str, hint: &str| {
        Err(Error::new(ErrorKind::Usage, message.to_owned()).hint(hint.to_owned()))
    };
    let one = |name: &str| vec![name.to_owned()];
    Ok(match (layout, pool) {
        (Layout::Flat, None | Some(Pool::None)) => (value.to_owned(), Kind::Gemm),
        (Layout::Flat, Some(_)) => {
            return usage("the features have no positions to pool", "leave --pool out");
        }
        (Layout::Sequence, None) => {
            let choices = "--pool first takes the class token's, --pool mean their mean, --pool none makes classes for each";
            return usage("the features are of several positions", choices);
        }
        (Layout::Sequence, Some(Pool::First)) => {
            let index = builder.ints("head/first", &[0], true);
            let axis = [("axis", NewValue::Int(1))];
            (builder.add("Gather", "head/pool", vec![value.to_owned(), index], &axis), Kind::Gemm)
        }
        (Layout::Sequence, Some(Pool::Mean)) => (builder.mean("head/pool", value, &[1]), Kind::Gemm),
        (Layout::Sequence | Layout::MapLast, Some(Pool::None)) => (value.to_owned(), Kind::MatMul),
        (Layout::Map, Some(Pool::None)) => (value.to_owned(), Kind::Conv),
        (Layout::Map | Layout::MapLast, Some(Pool::First)) => {
            return usage("a map has no first position", "--pool mean, or none for classes of each point");
        }
        (Layout::MapLast, _) => (builder.mean("head/pool", value, &[1, 2]), Kind::Gemm),
        (Layout::Map, _) => {
            let pooled = builder.add("GlobalAveragePool", "head/pool", one(value), &[]);
            let axis = [("axis", NewValue::Int(1))];
            (builder.add("Flatten", "head/flatten", one(&pooled), &axis), Kind::Gemm)
        }
    })
}
