//! Works contents out, where operators compute shapes.

use super::fact::{Elem, Fact, MOST_ELEMENTS};
use crate::model::{DType, Expr};

/// Element by element with broadcasting; `dims` is the shape of the result.
pub(crate) fn zip(facts: &[&Fact], dims: Option<&[i64]>, f: impl Fn(&[&Elem]) -> Elem) -> Option<Vec<Elem>> {
    let dims = dims?;
    let count = count(dims)?;
    let operands: Vec<(&[Elem], Vec<usize>)> = facts
        .iter()
        .map(|fact| Some((fact.content.as_deref()?, strides(&fact.dims()?, dims)?)))
        .collect::<Option<_>>()?;
    let mut result = Vec::with_capacity(count);
    for i in 0..count {
        let elems: Option<Vec<&Elem>> =
            operands.iter().map(|(content, strides)| content.get(offset(i, dims, strides))).collect();
        result.push(f(&elems?));
    }
    Some(result)
}

/// The number of elements, if they are few enough to be followed.
pub(crate) fn count(dims: &[i64]) -> Option<usize> {
    let count = dims.iter().try_fold(1usize, |n, &d| n.checked_mul(usize::try_from(d).ok()?))?;
    (count <= MOST_ELEMENTS).then_some(count)
}

/// The steps in an operand of shape `from` for each axis of `to`; 0 where it is repeated.
fn strides(from: &[i64], to: &[i64]) -> Option<Vec<usize>> {
    let missing = to.len().checked_sub(from.len())?;
    let mut strides = vec![0; to.len()];
    let mut step = 1usize;
    for axis in (0..from.len()).rev() {
        if from[axis] != 1 {
            strides[missing + axis] = step;
        }
        step = step.checked_mul(usize::try_from(from[axis]).ok()?)?;
    }
    Some(strides)
}

/// Where element `i` of a tensor of shape `dims` is, with these steps.
fn offset(mut i: usize, dims: &[i64], strides: &[usize]) -> usize {
    let mut at = 0;
    for axis in (0..dims.len()).rev() {
        let size = (dims[axis] as usize).max(1);
        at += (i % size) * strides[axis];
        i /= size;
    }
    at
}

/// The elements at other places: for each index of the result the index in `fact`.
pub(crate) fn moved(
    fact: &Fact,
    dims: Option<&[i64]>,
    from: impl Fn(&[usize]) -> Option<usize>,
) -> Option<Vec<Elem>> {
    let content = fact.content.as_deref()?;
    let dims = dims?;
    let count = count(dims)?;
    let mut index = vec![0usize; dims.len()];
    let mut result = Vec::with_capacity(count);
    for _ in 0..count {
        result.push(content.get(from(&index)?)?.clone());
        for axis in (0..dims.len()).rev() {
            index[axis] += 1;
            if index[axis] < dims[axis] as usize {
                break;
            }
            index[axis] = 0;
        }
    }
    Some(result)
}

/// The place in row-major order of an index.
pub(crate) fn place(index: &[usize], dims: &[i64]) -> Option<usize> {
    let mut at = 0usize;
    for (i, &size) in index.iter().zip(dims) {
        let size = usize::try_from(size).ok()?;
        if *i >= size {
            return None;
        }
        at = at.checked_mul(size)?.checked_add(*i)?;
    }
    Some(at)
}

/// The sum, difference, product and so on of two elements, by the operator's name.
pub(crate) fn arithmetic(op: &str, dtype: DType, a: &Elem, b: &Elem) -> Elem {
    if let (Elem::Int(a), Elem::Int(b)) = (a, b) {
        let result = match op {
            "Add" => a.plus(b),
            "Sub" => a.minus(b),
            "Mul" => a.times(b),
            "Max" => a.larger(b),
            "Min" => a.smaller(b),
            // Sizes are not negative, where rounding down and towards zero differ.
            "Div" if !dtype.is_float() => match (a.known(), b.known()) {
                (Some(a), Some(b)) => a.checked_div(b).map(Expr::from),
                _ => a.quotient(b),
            },
            "Div" => a.exact_quotient(b),
            "Mod" if !dtype.is_float() => match (a.known(), b.known()) {
                (Some(a), Some(b)) if b != 0 => Some(Expr::from(a - b * a.div_euclid(b))).filter(|_| b > 0),
                _ => None,
            },
            _ => None,
        };
        if let Some(result) = result {
            return Elem::Int(result);
        }
    }
    if !dtype.is_float() {
        return Elem::Unknown;
    }
    let (Some(x), Some(y)) = (a.float(), b.float()) else { return rational(op, a, b) };
    let result = match op {
        "Add" => x + y,
        "Sub" => x - y,
        "Mul" => x * y,
        "Div" => x / y,
        // The same on every machine, as other powers need not be.
        "Pow" if y == 2.0 => x * x,
        "Pow" if y == 0.5 => x.sqrt(),
        "Max" => x.max(y),
        "Min" => x.min(y),
        _ => return Elem::Unknown,
    };
    Elem::Float(if dtype == DType::F32 { f64::from(result as f32) } else { result })
}

/// Arithmetic of floats of which one is made of symbols: exact, or nothing.
fn rational(op: &str, a: &Elem, b: &Elem) -> Elem {
    let of = |a: &Elem, b: &Elem| -> Option<Elem> {
        let ((a, m), (b, n)) = (fraction(a)?, fraction(b)?);
        let (m_times, n_times) = (Expr::from(m), Expr::from(n));
        let both = m.checked_mul(n)?;
        // Over one denominator, if it is the same already.
        let (left, right, under) =
            if m == n { (a.clone(), b.clone(), m) } else { (a.times(&n_times)?, b.times(&m_times)?, both) };
        match op {
            "Add" => ratio(left.plus(&right)?, under),
            "Sub" => ratio(left.minus(&right)?, under),
            "Max" => ratio(left.larger(&right)?, under),
            "Min" => ratio(left.smaller(&right)?, under),
            "Mul" => ratio(a.times(&b)?, both),
            "Div" => {
                let by = b.known().filter(|&b| b > 0)?;
                ratio(a.times(&n_times)?, m.checked_mul(by)?)
            }
            _ => None,
        }
    };
    of(a, b).unwrap_or(Elem::Unknown)
}

/// An element as a size and what it is divided by.
fn fraction(elem: &Elem) -> Option<(Expr, i64)> {
    match elem {
        Elem::Int(e) => Some((e.clone(), 1)),
        Elem::Ratio(e, by) => Some((e.clone(), *by)),
        // A whole number, or one like 0.5 and 0.125.
        Elem::Float(x) => (0..=10).map(|power| 1i64 << power).find_map(|by| {
            let scaled = x * by as f64;
            (scaled.fract() == 0.0 && scaled.abs() < 9e15).then(|| (Expr::from(scaled as i64), by))
        }),
        Elem::Unknown => None,
    }
}

/// The quotient as an element; `by` is positive.
fn ratio(e: Expr, by: i64) -> Option<Elem> {
    match (e.exact_quotient(&Expr::from(by)), e.known()) {
        (Some(whole), _) => Some(Elem::Int(whole)),
        (None, Some(n)) => Some(Elem::Float(n as f64 / by as f64)),
        (None, None) => Some(Elem::Ratio(e, by)),
    }
}

/// The truth of a comparison, as 0 or 1.
pub(crate) fn comparison(op: &str, a: &Elem, b: &Elem) -> Elem {
    let difference = match (a, b) {
        (Elem::Int(a), Elem::Int(b)) => a.minus(b).and_then(|d| d.known()).map(|n| n.cmp(&0)),
        _ => a.float().zip(b.float()).and_then(|(a, b)| a.partial_cmp(&b)),
    };
    let positive = |e: &Elem| e.float().map(|x| x != 0.0);
    let truth = match op {
        "And" => positive(a).zip(positive(b)).map(|(a, b)| a && b),
        "Or" => positive(a).zip(positive(b)).map(|(a, b)| a || b),
        "Xor" => positive(a).zip(positive(b)).map(|(a, b)| a != b),
        // A size with a symbol is never a negative number, such as the -1 of a shape.
        "Equal" => match (a, b, difference) {
            (_, _, Some(d)) => Some(d.is_eq()),
            (Elem::Int(a), Elem::Int(b), None) => {
                let negative = |e: &Expr| e.known().is_some_and(|n| n < 0);
                let symbol = |e: &Expr| e.as_symbol().is_some();
                (negative(a) && symbol(b) || negative(b) && symbol(a)).then_some(false)
            }
            _ => None,
        },
        "Greater" => difference.map(|d| d.is_gt()),
        "GreaterOrEqual" => difference.map(|d| d.is_ge()),
        "Less" => difference.map(|d| d.is_lt()),
        "LessOrEqual" => difference.map(|d| d.is_le()),
        _ => None,
    };
    truth.map_or(Elem::Unknown, |truth| Elem::Int(Expr::from(i64::from(truth))))
}

/// A function of one element, by the operator's name.
pub(crate) fn function(op: &str, dtype: DType, a: &Elem) -> Elem {
    match (op, a) {
        ("Identity", _) => return a.clone(),
        ("Floor" | "Ceil" | "Round", Elem::Int(_)) => return a.clone(),
        ("Floor", Elem::Ratio(e, by)) => return e.quotient(&Expr::from(*by)).into(),
        ("Ceil", Elem::Ratio(e, by)) => return e.quotient_up(&Expr::from(*by)).into(),
        ("Relu", Elem::Int(e)) => return e.larger(&Expr::from(0)).into(),
        ("Relu", Elem::Ratio(e, by)) => {
            return e.larger(&Expr::from(0)).and_then(|e| ratio(e, *by)).unwrap_or(Elem::Unknown);
        }
        ("Abs", Elem::Int(e)) if e.known().is_none_or(|n| n >= 0) => return a.clone(),
        ("Neg", Elem::Ratio(e, by)) => {
            return Expr::from(0).minus(e).and_then(|e| ratio(e, *by)).unwrap_or(Elem::Unknown);
        }
        ("Neg", Elem::Int(e)) => return Expr::from(0).minus(e).map_or(Elem::Unknown, Elem::Int),
        ("Not", _) => {
            return a.float().map_or(Elem::Unknown, |x| Elem::Int(Expr::from(i64::from(x == 0.0))));
        }
        ("Abs", Elem::Int(e)) => {
            return e.known().and_then(i64::checked_abs).map_or(Elem::Unknown, |n| Elem::Int(n.into()));
        }
        _ => {}
    }
    let (Some(x), true) = (a.float(), dtype.is_float()) else { return Elem::Unknown };
    Elem::Float(match op {
        "Floor" => x.floor(),
        "Ceil" => x.ceil(),
        "Round" => x.round_ties_even(),
        "Abs" => x.abs(),
        "Relu" => x.max(0.0),
        "Neg" => -x,
        "Sqrt" => x.sqrt(),
        "Reciprocal" => 1.0 / x,
        _ => return Elem::Unknown,
    })
}

/// An element as another type.
pub(crate) fn cast(from: DType, to: DType, a: &Elem) -> Elem {
    match a {
        _ if to == DType::Bool => {
            a.float().map_or(Elem::Unknown, |x| Elem::Int(Expr::from(i64::from(x != 0.0))))
        }
        Elem::Float(x) if !to.is_float() => {
            if x.is_finite() {
                Elem::Int(Expr::from(x.trunc() as i64))
            } else {
                Elem::Unknown
            }
        }
        // Sizes are not negative, where rounding down and towards zero differ.
        Elem::Ratio(e, by) if !to.is_float() => e.quotient(&Expr::from(*by)).into(),
        Elem::Int(e) if !to.is_float() && to != from && e.known().is_some_and(|n| !fits(n, to)) => {
            Elem::Unknown
        }
        _ => a.clone(),
    }
}

fn fits(n: i64, to: DType) -> bool {
    match to {
        DType::I64 => true,
        DType::I32 => i32::try_from(n).is_ok(),
        DType::U32 => u32::try_from(n).is_ok(),
        DType::U64 => n >= 0,
        _ => (0..128).contains(&n),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fact::known;
    use super::*;

    fn list(values: &[i64]) -> Fact {
        Fact::list(DType::I64, values.iter().map(|&n| known(n)).collect())
    }

    #[test]
    fn contents_broadcast() {
        let (a, b) = (list(&[1, 2, 3]), list(&[10]));
        let sum = zip(&[&a, &b], Some(&[3]), |e| arithmetic("Add", DType::I64, e[0], e[1])).unwrap();
        assert_eq!(sum, *list(&[11, 12, 13]).content.unwrap());
    }

    #[test]
    fn halves_of_symbols_are_rounded_to_sizes() {
        let half = Elem::Ratio(Expr::symbol("h"), 2);
        let text = |elem: Elem| match elem {
            Elem::Int(e) => e.to_string(),
            other => format!("{other:?}"),
        };
        assert_eq!(text(function("Ceil", DType::F32, &half)), "((h + 1)/2)");
        assert_eq!(text(function("Floor", DType::F32, &half)), "(h/2)");
        assert_eq!(text(cast(DType::F32, DType::I64, &half)), "(h/2)");
        let less = arithmetic("Sub", DType::F32, &half, &Elem::Float(1.0));
        assert_eq!(text(function("Ceil", DType::F32, &less)), "((h - 1)/2)");
    }

    #[test]
    fn fractions_are_exact_or_nothing() {
        let (seven, two) = (Elem::Int(Expr::from(7)), Elem::Int(Expr::from(2)));
        assert_eq!(arithmetic("Div", DType::F32, &seven, &two), Elem::Float(3.5));
        assert_eq!(arithmetic("Div", DType::I64, &seven, &two), Elem::Int(Expr::from(3)));
        let symbol = Elem::Int(Expr::symbol("h"));
        let half = arithmetic("Div", DType::F32, &symbol, &two);
        assert_eq!(half, Elem::Ratio(Expr::symbol("h"), 2));
        assert_eq!(arithmetic("Mul", DType::F32, &symbol, &Elem::Float(0.5)), half);
        assert_eq!(arithmetic("Mul", DType::F32, &half, &Elem::Float(2.0)), symbol);
        assert_eq!(arithmetic("Mul", DType::F32, &symbol, &Elem::Float(0.3)), Elem::Unknown);
        assert_eq!(cast(DType::F32, DType::I64, &Elem::Float(3.9)), Elem::Int(Expr::from(3)));
    }
}
