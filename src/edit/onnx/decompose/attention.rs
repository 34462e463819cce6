//! `Attention` (ONNX 23): scaled dot products, masked, as its definition says; with what versions
//! 24 and 25 add.

use super::parts::Parts;
use crate::edit::draft::Step;
use crate::model::{AttributeValue, DType, NewValue, Shape};

/// What one call has, all of it checked before the first node is added.
struct Call {
    dtype: DType,
    /// The heads of queries, and how many of them share one of the keys.
    heads: i64,
    shared: i64,
    /// Whether operands have the heads inside of their last axis.
    packed: bool,
    /// The square root of the scale, for both sides.
    scale: f64,
    cap: f64,
    softmax: DType,
    /// What the fourth output is.
    mode: usize,
    causal: bool,
    /// How far a query sees, to the left and to the right.
    window: (i64, i64),
}

impl Call {
    fn of(parts: &Parts, step: &Step) -> Option<Self> {
        let (q, k, v) = (step.input(0)?, step.input(1)?, step.input(2)?);
        let dtype = parts.dtype(q).filter(|dtype| matches!(dtype, DType::F16 | DType::F32 | DType::F64))?;
        let rank = parts.rank(q)?;
        let packed = rank == 3;
        if !(3..=4).contains(&rank) || [k, v].iter().any(|value| parts.rank(value) != Some(rank)) {
            return None;
        }
        let (heads, others) = match packed {
            true => (step.int("q_num_heads", 0), step.int("kv_num_heads", 0)),
            false => (parts.dim(q, 1)?, parts.dim(k, 1)?),
        };
        if heads < 1 || others < 1 || heads % others != 0 {
            return None;
        }
        let width = if packed { parts.dim(q, 2)? / heads } else { parts.dim(q, 3)? };
        let whole = |value: &str, heads: i64| parts.dim(value, 2).is_some_and(|n| n % heads == 0);
        if packed && !(whole(q, heads) && whole(k, others) && whole(v, others)) {
            return None;
        }
        let float = |name: &str| match step.attribute(name) {
            Some(AttributeValue::Float(x)) => Some(f64::from(*x)),
            _ => None,
        };
        let softmax = match step.int("softmax_precision", 0) {
            0 => dtype,
            1 => DType::F32,
            10 => DType::F16,
            11 => DType::F64,
            _ => return None,
        };
        let mode = step.int("qk_matmul_output_mode", 0);
        let causal = step.int("is_causal", 0);
        let (scale, cap) =
            (float("scale").unwrap_or(1.0 / (width as f64).sqrt()), float("softcap").unwrap_or(0.0));
        // Of other numbers the definition says nothing.
        let window = (step.int("left_window_size", -1), step.int("right_window_size", -1));
        let defined = (0..=3).contains(&mode) && (0..=1).contains(&causal) && scale > 0.0 && cap >= 0.0;
        let defined = defined && window.0 >= -1 && window.1 >= -1;
        if !defined {
            return None;
        }
        Some(Call {
            dtype,
            heads,
            shared: heads / others,
            packed,
            scale: scale.sqrt(),
            cap,
            softmax,
            mode: mode as usize,
            causal: causal == 1,
            window,
        })
    }
}

/// The attention's result, the keys and values with those of the past, and the scores.
pub(super) fn attention<'m>(parts: &mut Parts<'_, 'm>, step: &Step<'m>) -> Option<Vec<String>> {
    let call = Call::of(parts, step)?;
    let mask = Mask::of(parts, step, &call)?;
    let (mut q, mut k, mut v) =
        (step.input(0)?.to_owned(), step.input(1)?.to_owned(), step.input(2)?.to_owned());
    if call.packed {
        q = apart(parts, &q, call.heads);
        k = apart(parts, &k, call.heads / call.shared);
        v = apart(parts, &v, call.heads / call.shared);
    }
    let axis = [("axis", NewValue::Int(2))];
    if let (Some(keys), Some(values)) = (step.input(4), step.input(5)) {
        k = parts.add("Concat", &[keys, &k], &axis);
        v = parts.add("Concat", &[values, &v], &axis);
    }
    let present = (k.clone(), v.clone());
    let k = repeated(parts, &k, &call);
    let v = repeated(parts, &v, &call);
    let transposed = parts.add("Transpose", &[&k], &[("perm", NewValue::Ints(vec![0, 1, 3, 2]))]);
    let scale = parts.number(call.scale, call.dtype);
    let left = parts.add("Mul", &[&q, &scale], &[]);
    let right = parts.add("Mul", &[&transposed, &scale], &[]);
    let mut scores = parts.add("MatMul", &[&left, &right], &[]);
    let mut shown = vec![scores.clone()];
    if call.cap != 0.0 {
        let cap = parts.number(call.cap, call.dtype);
        let ratio = parts.add("Div", &[&scores, &cap], &[]);
        let capped = parts.add("Tanh", &[&ratio], &[]);
        scores = parts.add("Mul", &[&capped, &cap], &[]);
    }
    shown.push(scores.clone());
    let bias = mask.bias(parts, &call, (&q, &present.0));
    if let Some(bias) = &bias {
        scores = parts.add("Add", &[&scores, bias], &[]);
    }
    shown.push(scores.clone());
    let likely = probabilities(parts, &scores, bias.as_deref(), &call);
    shown.push(likely.clone());
    let mut y = parts.add("MatMul", &[&likely, &v], &[]);
    if call.packed {
        let transposed = parts.add("Transpose", &[&y], &[("perm", NewValue::Ints(vec![0, 2, 1, 3]))]);
        let shape = parts.ints(&[0, 0, -1]);
        y = parts.add("Reshape", &[&transposed, &shape], &[]);
    }
    Some(vec![y, present.0, present.1, shown.swap_remove(call.mode)])
}

/// Batch, length, heads × width to batch, heads, length, width.
fn apart(parts: &mut Parts, value: &str, heads: i64) -> String {
    let shape = parts.ints(&[0, 0, heads, -1]);
    let split = parts.add("Reshape", &[value, &shape], &[]);
    parts.add("Transpose", &[&split], &[("perm", NewValue::Ints(vec![0, 2, 1, 3]))])
}

/// Keys or values, once for each of the queries' heads that share them.
fn repeated(parts: &mut Parts, value: &str, call: &Call) -> String {
    if call.shared == 1 {
        return value.to_owned();
    }
    // Batch, heads, 1, length × width; then the copies; then the heads of queries.
    let one = parts.axes("Unsqueeze", value, &[2]);
    let shape = parts.ints(&[1, 1, call.shared, 1, 1]);
    let copies = parts.add("Expand", &[&one, &shape], &[]);
    let size = parts.add("Shape", &[value], &[("start", NewValue::Int(2))]);
    let batch = parts.ints(&[0, call.heads]);
    let shape = parts.add("Concat", &[&batch, &size], &[("axis", NewValue::Int(0))]);
    parts.add("Reshape", &[&copies, &shape], &[])
}

/// The softmax of scores; zeros where everything is masked.
fn probabilities(parts: &mut Parts, scores: &str, bias: Option<&str>, call: &Call) -> String {
    let other = call.softmax != call.dtype;
    let given = if other { parts.cast(scores, call.softmax) } else { scores.to_owned() };
    let mut likely = parts.add("Softmax", &[&given], &[("axis", NewValue::Int(-1))]);
    if other {
        likely = parts.cast(&likely, call.dtype);
    }
    let Some(bias) = bias else { return likely };
    let nothing = parts.number(f64::NEG_INFINITY, call.dtype);
    let open = parts.add("Greater", &[bias, &nothing], &[]);
    let open = parts.cast(&open, DType::F32);
    let any = parts.reduce("ReduceMax", &open, &[-1], true);
    let (zero, none) = (parts.number(0.0, DType::F32), parts.number(0.0, call.dtype));
    let any = parts.add("Greater", &[&any, &zero], &[]);
    parts.add("Where", &[&any, &likely, &none], &[])
}

/// What hides keys from queries.
struct Mask {
    /// A mask, and whether it is one of truth values.
    given: Option<(String, bool)>,
    /// The columns that the mask lacks at its end, and its other dimensions.
    short: Option<(i64, Vec<i64>)>,
    /// The keys of the past.
    past: Option<String>,
    /// How many keys of each sample are not padding.
    filled: Option<String>,
}

impl Mask {
    fn of(parts: &Parts, step: &Step, call: &Call) -> Option<Self> {
        let past = step.input(4).map(str::to_owned);
        if past.is_some() != step.input(5).is_some() || past.is_some() && step.input(6).is_some() {
            return None;
        }
        let mut mask = Mask { given: None, short: None, past, filled: step.input(6).map(str::to_owned) };
        let Some(given) = step.input(3) else { return Some(mask) };
        let truths = parts.dtype(given)? == DType::Bool;
        if !truths && parts.dtype(given)? != call.dtype {
            return None;
        }
        let Shape(dims) = parts.shape(given)?;
        let size = |value: &str, axis: usize| parts.shape(value)?.0.get(axis)?.size();
        let keys = size(step.input(1)?, if call.packed { 1 } else { 2 })?;
        let all = match &mask.past {
            Some(past) => keys.plus(&size(past, 2)?)?,
            None => keys,
        };
        let own = size(given, dims.len().checked_sub(1)?)?;
        // A mask that is shorter has its end hidden; one column could be that, or be meant for all.
        if own != all {
            let (own, all) = own.known().zip(all.known()).filter(|(own, all)| (2..*all).contains(own))?;
            let others = (0..dims.len() - 1).map(|axis| parts.dim(given, axis)).collect::<Option<_>>()?;
            mask.short = Some((all - own, others));
        }
        mask.given = Some((given.to_owned(), truths));
        Some(mask)
    }

    /// What is added to scores: zero, minus infinity, or what the mask says.
    fn bias(&self, parts: &mut Parts, call: &Call, (q, k): (&str, &str)) -> Option<String> {
        let none = parts.number(f64::NEG_INFINITY, call.dtype);
        let zero = parts.number(0.0, call.dtype);
        let mut bias = self.given.as_ref().map(|(mask, truths)| match truths {
            true => parts.add("Where", &[mask, &zero, &none], &[]),
            false => mask.clone(),
        });
        if let (Some(own), Some((lacking, others))) = (&bias, &self.short) {
            let shape = parts.ints(&[others.as_slice(), &[*lacking]].concat());
            let rest = parts.add("Expand", &[&none, &shape], &[]);
            bias = Some(parts.add("Concat", &[own, &rest], &[("axis", NewValue::Int(-1))]));
        }
        if let Some(allowed) = self.allowed(parts, call, q, k) {
            let own = parts.add("Where", &[&allowed, &zero, &none], &[]);
            bias = Some(match bias {
                Some(bias) => parts.add("Add", &[&bias, &own], &[]),
                None => own,
            });
        }
        bias
    }

    /// Which keys are not hidden by their position, as truth values.
    fn allowed(&self, parts: &mut Parts, call: &Call, q: &str, k: &str) -> Option<String> {
        let (left, right) = call.window;
        let placed = call.causal || left >= 0 || right >= 0;
        if !placed && self.filled.is_none() {
            return None;
        }
        let keys = length(parts, k);
        let keys = numbered(parts, &keys, 0);
        let mut all: Option<String> = None;
        let mut also = |parts: &mut Parts, op: &str, bound: &str| {
            let fits = parts.add(op, &[&keys, bound], &[]);
            all = Some(match all.take() {
                Some(before) => parts.add("And", &[&before, &fits], &[]),
                None => fits,
            });
        };
        let filled = self.filled.as_ref().map(|filled| parts.axes("Unsqueeze", filled, &[1, 2, 3]));
        if let Some(filled) = &filled {
            also(parts, "Less", filled);
        }
        if placed {
            let queries = length(parts, q);
            let mut places = numbered(parts, &queries, 1);
            if let Some(past) = &self.past {
                let before = length(parts, past);
                places = parts.add("Add", &[&places, &before], &[]);
            } else if let Some(filled) = &filled {
                let before = parts.add("Sub", &[filled, &queries], &[]);
                places = parts.add("Add", &[&places, &before], &[]);
            }
            if call.causal {
                also(parts, "LessOrEqual", &places);
            }
            for (size, op, sum) in [(right, "LessOrEqual", "Add"), (left, "GreaterOrEqual", "Sub")] {
                if size >= 0 {
                    let size = parts.int(size);
                    let bound = parts.add(sum, &[&places, &size], &[]);
                    also(parts, op, &bound);
                }
            }
        }
        all
    }
}

/// The size of axis 2, a scalar.
fn length(parts: &mut Parts, value: &str) -> String {
    let size = parts.add("Shape", &[value], &[("start", NewValue::Int(2)), ("end", NewValue::Int(3))]);
    parts.axes("Squeeze", &size, &[0])
}

/// 0, 1, … below a length, as a row (axis 0) or a column (1).
fn numbered(parts: &mut Parts, length: &str, axis: i64) -> String {
    let (zero, one) = (parts.int(0), parts.int(1));
    let numbers = parts.add("Range", &[&zero, length, &one], &[]);
    parts.axes("Unsqueeze", &numbers, &[axis])
}
