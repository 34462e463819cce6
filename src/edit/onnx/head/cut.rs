//! A head for features: of a model that has none, or at a place that was given.

use super::activate::{ClassAxis, Spot, activate};
use super::candidates::counted_classes;
use super::change::Change;
use super::find::Kind;
use super::layers::Features;
use super::options::{Activation, HeadOptions, Pool};
use super::weights::{Matrix, Supply};
use crate::edit::draft::{Builder, Draft, Place};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{AttributeValue, DType, Dim, NewValue, Shape, TensorType};
use crate::text::printable;

/// The output of a model without a head that is its features.
///
/// # Errors
/// If there is more than one candidate, or none.
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
                error = error.hint(format!("at `{}`: {ty}", printable(name)));
            }
            Err(error.hint("`at` can be any value: the head is put on it"))
        }
    }
}

/// The layout of features.
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

/// The change that puts a head on a value.
pub(super) fn cut<'m>(mut draft: Draft<'m>, value: &str, options: &HeadOptions) -> Result<Change<'m>> {
    if options.keep {
        let error =
            Error::new(ErrorKind::Usage, format!("there is no old head on `{}` to keep", printable(value)));
        return Err(error.hint("leave `keep` out, or leave `at` out to find the head"));
    }
    let output = replaced(&draft, value)?;
    let Source { dtype, layout, width, shape } = source(&draft, value)?;
    let mut account = vec![format!("features: `{}`, {width} of {shape}", printable(value))];
    let mut builder = Builder { draft: &mut draft, place: Place::End, dtype };
    let (name, kind) = pooled(&mut builder, value, &layout, options.pool)?;
    let mut supply = Supply::of(options, dtype);
    let features = builder.in_front(kind, Features { name, width }, options, &mut supply)?;
    let (weight, bias) = supply.layer("head", (options.classes, features.width), 0)?;
    let bias = bias.unwrap_or_else(|| Matrix::zeros(weight.rows, 1, dtype));
    let result = builder.dense(kind, "head/classes", &features.name, &weight, &bias);
    let new = counted_classes(options.classes);
    account.push(format!("new: {new} of {} features, {}", features.width, supply.origin()));
    let value = give_output(&mut draft, output, value, &result, options);
    if let Some(wanted) = options.activation.filter(|a| *a != Activation::None) {
        let axis = class_axis(&layout, kind);
        activate(&mut draft, Spot { value, before: None }, wanted, &axis);
        account.push(format!("{} over axis {} of {}", wanted.name(), axis.number, axis.rank));
    }
    Ok(Change { draft, output, account, after: None })
}

/// The features that a head is put on.
struct Source {
    dtype: DType,
    layout: Layout,
    width: i64,
    shape: Shape,
}

/// What is known of a value that a head is put on.
///
/// # Errors
/// If it cannot take a head.
fn source(draft: &Draft, value: &str) -> Result<Source> {
    let ty = draft.ty(value).cloned();
    let (dtype, shape) = match ty {
        Some(TensorType { dtype, shape: Some(shape) }) if dtype.is_float() => (dtype, shape),
        _ => {
            let what = ty.map_or_else(|| "of unknown type".to_owned(), |ty| format!("{ty}"));
            let error = Error::new(ErrorKind::Usage, format!("`{}` is {what}", printable(value)));
            return Err(error.hint("a head takes floats of a known rank"));
        }
    };
    let layout = layout(draft, value, shape.0.len())?;
    let channel = match layout {
        Layout::Map => 1,
        _ => shape.0.len() - 1,
    };
    match shape.0.get(channel) {
        Some(&Dim::Known(width)) => Ok(Source { dtype, layout, width, shape }),
        _ => {
            let fact = format!("the number of features of `{}` is not known ({shape})", printable(value));
            Err(Error::new(ErrorKind::Usage, fact))
        }
    }
}

/// The axis of the classes in the new layer's output.
fn class_axis(layout: &Layout, kind: Kind) -> ClassAxis {
    let rank = match (layout, kind) {
        (Layout::Sequence, Kind::MatMul) => 3,
        (Layout::MapLast, Kind::MatMul) => 4,
        (_, Kind::Conv) => 4,
        _ => 2,
    };
    let number = if kind == Kind::Conv { 1 } else { rank - 1 };
    ClassAxis { number, rank, only_ones_follow: false }
}

/// Makes a result the graph's output of this number, and returns the name it then has: that of
/// the old output, if that name is free.
fn give_output(
    draft: &mut Draft,
    output: usize,
    features: &str,
    result: &str,
    options: &HeadOptions,
) -> String {
    let old = draft.outputs[output].clone();
    draft.set_graph_output(output, result);
    draft.sweep();
    let name = match draft.definer(&old) {
        None if old != features => old,
        _ => draft.fresh(match options.activation {
            Some(Activation::Softmax | Activation::Sigmoid) => "probabilities",
            _ => "logits",
        }),
    };
    if let Some(maker) = draft.definer(result) {
        draft.set_output(maker, &name);
        draft.replace_uses(result, &name);
    }
    name
}

/// The number of the one output that the new head replaces.
fn replaced(draft: &Draft, value: &str) -> Result<usize> {
    if let Some(number) = draft.outputs.iter().position(|name| name == value) {
        return Ok(number);
    }
    let mut downstream = std::collections::HashSet::from([value.to_owned()]);
    draft.in_order(|step| {
        if step.takes().any(|name| downstream.contains(name)) {
            downstream.extend(step.outputs.iter().cloned());
        }
    });
    let outputs: Vec<usize> =
        (0..draft.outputs.len()).filter(|&i| downstream.contains(&draft.outputs[i])).collect();
    match outputs[..] {
        [one] => Ok(one),
        [] => {
            let error = Error::new(ErrorKind::Usage, format!("no output depends on `{}`", printable(value)));
            Err(error.hint("the new head takes the place of the output that depends on it"))
        }
        _ => {
            let names: Vec<String> =
                outputs.iter().map(|&i| format!("`{}`", printable(&draft.outputs[i]))).collect();
            let fact =
                format!("more than one output depends on `{}`: {}", printable(value), names.join(", "));
            Err(Error::new(ErrorKind::Usage, fact).hint("give a value that only one of them needs as `at`"))
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
            return usage("the features have no positions to pool", "leave `pool` out");
        }
        (Layout::Sequence, None) => {
            let choices = "`pool` says which: `first` takes the class token's, `mean` their mean, `none` makes classes for each";
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
            return usage(
                "a map has no first position",
                "`pool` can be `mean`, or `none` for classes of each point",
            );
        }
        (Layout::MapLast, _) => (builder.mean("head/pool", value, &[1, 2]), Kind::Gemm),
        (Layout::Map, _) => {
            let pooled = builder.add("GlobalAveragePool", "head/pool", one(value), &[]);
            let axis = [("axis", NewValue::Int(1))];
            (builder.add("Flatten", "head/flatten", one(&pooled), &axis), Kind::Gemm)
        }
    })
}
