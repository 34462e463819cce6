//! Sequences, optional values and strings.

use super::rule::{Rule, dtype_named};
use crate::model::{AttributeValue, DType, Expr};
use crate::ops::facts::call::{Call, Outputs};
use crate::ops::facts::fact::{Fact, Size, known};

pub(super) fn rule(op: &str) -> Option<Rule> {
    Some(match op {
        "ConcatFromSequence" => concat_from_sequence,
        "Optional" => |call| {
            let item = match (call.input(0), call.attribute("type")) {
                (Some(fact), _) => fact.bare(),
                (None, Some(AttributeValue::Type(ty))) => Fact::of_type(ty),
                _ => return Vec::new(),
            };
            vec![Fact::optional(item)]
        },
        "OptionalGetElement" => |call| {
            let Some(input) = call.input(0) else { return Vec::new() };
            let optional =
                matches!(input.container.as_deref(), Some(crate::ops::facts::fact::Container::Optional(_)));
            // Since version 18 what is not optional is given as it is.
            vec![if optional { input.item().cloned().unwrap_or_default() } else { input.bare() }]
        },
        "OptionalHasElement" => |_| vec![Fact::tensor(DType::Bool, Some(Vec::new()))],
        "RegexFullMatch" => |call| vec![Fact::tensor(DType::Bool, call.shape(0).map(<[Size]>::to_vec))],
        "SequenceAt" => |call| vec![call.input(0).and_then(Fact::item).cloned().unwrap_or_default()],
        "SequenceConstruct" => |call| {
            let mut items = call.inputs.iter().flatten().map(Fact::bare);
            let Some(first) = items.next() else { return Vec::new() };
            vec![Fact::sequence(items.fold(first, |a, b| a.common(&b)))]
        },
        "SequenceEmpty" => |call| {
            let dtype = dtype_named(call, "dtype").unwrap_or(DType::F32);
            vec![Fact::sequence(Fact::tensor(dtype, None))]
        },
        "SequenceErase" => |call| vec![call.input(0).map_or(Fact::default(), Fact::bare)],
        "SequenceInsert" => |call| {
            let (Some(item), Some(new)) = (call.input(0).and_then(Fact::item), call.input(1)) else {
                return vec![call.input(0).map_or(Fact::default(), Fact::bare)];
            };
            vec![Fact::sequence(item.common(&new.bare()))]
        },
        "SequenceLength" => |_| vec![Fact::tensor(DType::I64, Some(Vec::new()))],
        "SplitToSequence" => split_to_sequence,
        "StringConcat" => |call| {
            let shape = call.shape(0).zip(call.shape(1));
            let shape = shape.and_then(|(a, b)| crate::ops::shape::broadcast(call, &[a, b]));
            vec![Fact::tensor(DType::String, shape)]
        },
        "StringNormalizer" => |call| {
            // Words that are left out are not known before.
            let keeps = call.attribute("stopwords").is_none();
            let shape = call.shape(0).map(|shape| {
                let last = shape.len().saturating_sub(1);
                let sizes = shape.iter().enumerate();
                sizes.map(|(i, size)| if keeps || i < last { size.clone() } else { None }).collect()
            });
            vec![Fact::tensor(DType::String, shape)]
        },
        "StringSplit" => |call| {
            let shape = call.shape(0);
            let parts = shape.map(|s| [s.to_vec(), vec![None]].concat());
            vec![Fact::tensor(DType::String, parts), Fact::tensor(DType::I64, shape.map(<[Size]>::to_vec))]
        },
        "TfIdfVectorizer" => |call| {
            let count = call.ints("ngram_indexes").and_then(|v| v.iter().max()).map(|&n| Expr::from(n + 1));
            let shape =
                call.shape(0).map(|s| [s[..s.len().saturating_sub(1)].to_vec(), vec![count]].concat());
            vec![Fact::tensor(DType::F32, shape)]
        },
        _ => return None,
    })
}

fn concat_from_sequence(call: &Call<'_>) -> Outputs {
    let Some(item) = call.input(0).and_then(Fact::item) else { return Vec::new() };
    let shape = item.shape.as_ref().and_then(|shape| {
        let mut shape = shape.clone();
        let new = call.int("new_axis", 0) != 0;
        let at = call.axis(call.int("axis", 0), shape.len() + usize::from(new))?;
        if new {
            shape.insert(at, None);
        } else {
            shape[at] = None;
        }
        Some(shape)
    });
    vec![Fact::tensor(item.dtype, shape)]
}

fn split_to_sequence(call: &Call<'_>) -> Outputs {
    let shape = call.shape(0).and_then(|shape| {
        let mut shape = shape.to_vec();
        let at = call.axis(call.int("axis", 0), shape.len())?;
        let size = shape[at].as_ref().and_then(Expr::known);
        if !call.has(1) {
            if call.int("keepdims", 1) == 0 {
                shape.remove(at);
            } else {
                shape[at] = known(1);
            }
            return Some(shape);
        }
        // Parts of one size, if all are.
        let parts = call.input(1).and_then(Fact::ints);
        let scalar = call.rank(1) == Some(0);
        shape[at] = match (parts.as_deref(), size) {
            (Some([part]), Some(n)) if scalar && *part > 0 && n % part == 0 => known(*part),
            (Some(parts), _) if !scalar && parts.windows(2).all(|w| w[0] == w[1]) => {
                parts.first().map(|&n| n.into())
            }
            _ => None,
        };
        Some(shape)
    });
    vec![Fact::sequence(Fact::tensor(call.dtype(0), shape))]
}
