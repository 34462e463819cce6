//! Which axes a call reduces.

use crate::eval::elements::filled;
use crate::eval::elementwise::broadcast::Plan;
use crate::eval::{Call, Failure};

/// The axes that a call reduces.
pub(super) struct Axes {
    /// The operand's dimensions.
    whole: Vec<i64>,
    /// The same with 1 where an axis is reduced.
    pub(super) kept: Vec<i64>,
    /// The result's dimensions.
    pub(super) dims: Vec<i64>,
}

impl Axes {
    /// As a call's attributes and operands say.
    pub(super) fn of(call: &Call<'_>) -> Result<Axes, Failure> {
        let whole = call.array(0)?.dims.clone();
        let operands_from = if call.op == "ReduceSum" { 13 } else { 18 };
        let given = if call.opset >= operands_from { call.ints_at(1)? } else { call.ints("axes")? };
        let axes = given.unwrap_or_default();
        let none = axes.is_empty() && call.int("noop_with_empty_axes", 0)? != 0;
        let mut reduced = vec![axes.is_empty() && !none; whole.len()];
        for axis in axes {
            let at = Call::axis(axis, whole.len())?;
            if std::mem::replace(&mut reduced[at], true) {
                return Failure::invalid(format!("axis {axis} is given twice"));
            }
        }
        let kept: Vec<i64> = whole.iter().zip(&reduced).map(|(&d, &gone)| if gone { 1 } else { d }).collect();
        let dims = match call.int("keepdims", 1)? {
            0 => kept.iter().zip(&reduced).filter(|(_, gone)| !**gone).map(|(&d, _)| d).collect(),
            _ => kept.clone(),
        };
        Ok(Axes { whole, kept, dims })
    }

    /// How many elements each one of the result is of.
    pub(super) fn share(&self) -> Result<usize, Failure> {
        let reduced: Vec<i64> =
            self.whole.iter().zip(&self.kept).map(|(&d, &kept)| if kept == 1 { d } else { 1 }).collect();
        crate::eval::elements::count(&reduced)
    }

    /// An accumulator for each element of the result.
    pub(super) fn start<A: Copy>(&self, with: A) -> Result<Vec<A>, Failure> {
        filled(crate::eval::elements::count(&self.kept)?, with)
    }

    /// Folds the operand's elements into the accumulators of the result's elements.
    pub(super) fn fold<T: Copy, A: Copy>(
        &self,
        elements: &[T],
        mut into: Vec<A>,
        f: impl Fn(A, T) -> A,
    ) -> Result<Vec<A>, Failure> {
        let plan = Plan::of([&self.whole, &self.kept])?;
        let (n, [_, step]) = plan.inner;
        plan.rows(|[from, to]| {
            let row = &elements[from..from + n];
            if step == 0 {
                into[to] = row.iter().fold(into[to], |a, &x| f(a, x));
            } else {
                for (a, &x) in into[to..to + n].iter_mut().zip(row) {
                    *a = f(*a, x);
                }
            }
        });
        Ok(into)
    }
}
