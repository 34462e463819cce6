//! Where windows lie: pads and output sizes of convolutions and pools.
//!
//! In: a window's attributes (`strides`, `dilations`, `pads`, `auto_pad`) and the sizes of an
//! input. Out: one [`Axis`] per spatial axis with explicit pads and an output size, such that
//! every number in it is below 2^33.
//!
//! The specification's `auto_pad` is about output sizes; the pads follow from them.

use crate::eval::{Call, Failure};

/// No attribute and no size of an axis may be larger, so that products fit into 64 bits.
const MOST: i64 = 1 << 31;

/// How the pads are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::eval) enum AutoPad {
    /// By the attribute `pads`.
    NotSet,
    /// As many as give the output the size of the input over the stride; an odd one at the end.
    SameUpper,
    /// The same with an odd one at the beginning.
    SameLower,
    /// None.
    Valid,
}

/// How many windows there are where the stride does not divide what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::eval) enum Rounding {
    /// Those that fit.
    Floor,
    /// One more, which passes the end of the padded input; none that would begin in the
    /// padding behind the input. (Written down with operator set 22; runtimes always did so.)
    Ceil,
}

/// A window and how it moves, without the input that it moves over.
#[derive(Clone, Debug)]
pub(in crate::eval) struct Window {
    kernel: Vec<i64>,
    strides: Vec<i64>,
    dilations: Vec<i64>,
    /// The pads as given: all beginnings, then all ends.
    pads: Vec<i64>,
    auto_pad: AutoPad,
}

/// A window along one spatial axis of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::eval) struct Axis {
    /// The size of the input.
    pub(in crate::eval) input: usize,
    /// The number of positions that the window has.
    pub(in crate::eval) kernel: usize,
    /// From one window to the next.
    pub(in crate::eval) stride: usize,
    /// From one position of the window to the next.
    pub(in crate::eval) dilation: usize,
    /// Padding before the first element.
    pub(in crate::eval) before: usize,
    /// Padding after the last element.
    pub(in crate::eval) after: usize,
    /// The number of windows (the size of the output).
    pub(in crate::eval) output: usize,
}

impl Window {
    /// A window of this size, with the call's other attributes.
    pub(in crate::eval) fn of(call: &Call<'_>, kernel: &[i64]) -> Result<Window, Failure> {
        let rank = kernel.len();
        if kernel.iter().any(|&k| !(1..=MOST).contains(&k)) {
            return Failure::invalid(format!("a window of {kernel:?} elements"));
        }
        let steps = |name: &str| -> Result<Vec<i64>, Failure> {
            let list = call.ints(name)?.filter(|list| !list.is_empty()).unwrap_or_else(|| vec![1; rank]);
            match list.len() == rank && list.iter().all(|n| (1..=MOST).contains(n)) {
                true => Ok(list),
                false => Failure::invalid(format!("{name} {list:?} of a window of {rank} axes")),
            }
        };
        let pads = call.ints("pads")?.filter(|list| !list.is_empty()).unwrap_or_else(|| vec![0; 2 * rank]);
        if pads.len() != 2 * rank || pads.iter().any(|&p| p > MOST) {
            return Failure::invalid(format!("pads {pads:?} of a window of {rank} axes"));
        }
        let auto_pad = match call.text("auto_pad", "NOTSET")?.as_str() {
            "NOTSET" | "" => AutoPad::NotSet,
            "SAME_UPPER" => AutoPad::SameUpper,
            "SAME_LOWER" => AutoPad::SameLower,
            "VALID" => AutoPad::Valid,
            other => return Failure::invalid(format!("auto_pad is {other}")),
        };
        if auto_pad == AutoPad::NotSet && pads.iter().any(|&p| p < 0) {
            return Failure::unsupported(format!("negative pads {pads:?}"));
        }
        let (strides, dilations) = (steps("strides")?, steps("dilations")?);
        Ok(Window { kernel: kernel.to_vec(), strides, dilations, pads, auto_pad })
    }

    /// How the pads are given.
    pub(in crate::eval) fn auto_pad(&self) -> AutoPad {
        self.auto_pad
    }

    /// Whether its positions lie apart.
    pub(in crate::eval) fn is_dilated(&self) -> bool {
        self.dilations.iter().any(|&d| d != 1)
    }

    /// The window over an input of these spatial sizes, as convolutions and pools move it.
    pub(in crate::eval) fn over(&self, input: &[i64], rounding: Rounding) -> Result<Vec<Axis>, Failure> {
        self.check(input)?;
        (0..input.len()).map(|i| self.axis_over(i, input[i], rounding)).collect()
    }

    /// The window over the *output* of a transposed convolution of an input of these spatial
    /// sizes: `input` of each axis is the size of what comes in, `output` of what comes out.
    pub(in crate::eval) fn transposed(&self, input: &[i64], call: &Call<'_>) -> Result<Vec<Axis>, Failure> {
        self.check(input)?;
        let rank = input.len();
        let extra = call.ints("output_padding")?.filter(|l| !l.is_empty()).unwrap_or_else(|| vec![0; rank]);
        if extra.len() != rank || extra.iter().any(|n| !(0..=MOST).contains(n)) {
            return Failure::invalid(format!("output_padding {extra:?} of {rank} axes"));
        }
        let wanted = self.output_shape(rank, call)?;
        let axes = (0..rank).map(|i| {
            let full = (input[i] - 1) * self.strides[i] + extra[i] + self.extent(i);
            let wanted = match (&wanted, self.auto_pad) {
                (Some(list), _) => Some(list[i]),
                (None, AutoPad::SameUpper | AutoPad::SameLower) => Some(input[i] * self.strides[i]),
                (None, _) => None,
            };
            let (before, after) = match (wanted, self.auto_pad) {
                (Some(wanted), _) if wanted > full => {
                    return Failure::unsupported("an output that is larger than all windows together");
                }
                (Some(wanted), AutoPad::SameUpper) => halves(full - wanted),
                (Some(wanted), _) => swap(halves(full - wanted)),
                (None, AutoPad::NotSet) => (self.pads[i], self.pads[rank + i]),
                (None, _) => (0, 0),
            };
            let output = full - before - after;
            if input[i] == 0 || output < 1 {
                return Failure::invalid(format!("an output of {output} elements along an axis"));
            }
            self.axis(i, input[i], (before, after), output)
        });
        axes.collect()
    }

    /// The attribute `output_shape` of the spatial axes.
    fn output_shape(&self, rank: usize, call: &Call<'_>) -> Result<Option<Vec<i64>>, Failure> {
        let Some(list) = call.ints("output_shape")?.filter(|list| !list.is_empty()) else { return Ok(None) };
        // Early exporters gave the batch and the channels too.
        let list = if list.len() == rank + 2 { list[2..].to_vec() } else { list };
        if list.len() != rank || list.iter().any(|n| !(1..=MOST).contains(n)) {
            return Failure::invalid(format!("output_shape {list:?} of {rank} axes"));
        }
        Ok(Some(list))
    }

    fn check(&self, input: &[i64]) -> Result<(), Failure> {
        if input.len() != self.kernel.len() {
            return Failure::invalid(format!(
                "a window of {} axes over {} spatial axes",
                self.kernel.len(),
                input.len()
            ));
        }
        match input.iter().all(|n| (0..=MOST).contains(n)) {
            true => Ok(()),
            false => Failure::invalid(format!("an input of {input:?} elements")),
        }
    }

    /// The elements that a window spans, those between its positions included.
    fn extent(&self, i: usize) -> i64 {
        (self.kernel[i] - 1) * self.dilations[i] + 1
    }

    fn axis_over(&self, i: usize, input: i64, rounding: Rounding) -> Result<Axis, Failure> {
        let (stride, extent) = (self.strides[i], self.extent(i));
        let same = || -> Result<(i64, i64), Failure> {
            let output = (input + stride - 1) / stride;
            match (output - 1) * stride + extent - input {
                // Some begin further in then, and others do not.
                ..=-2 => Failure::unsupported("padding to the same size that would be negative"),
                total => Ok(halves(total.max(0))),
            }
        };
        let (before, after) = match self.auto_pad {
            AutoPad::NotSet => (self.pads[i], self.pads[self.kernel.len() + i]),
            AutoPad::SameUpper => same()?,
            AutoPad::SameLower => swap(same()?),
            AutoPad::Valid => (0, 0),
        };
        let room = input + before + after - extent;
        let fact = || format!("a window of {extent} elements over {} with padding", input + before + after);
        if room <= -2 * stride {
            return Failure::invalid(fact());
        }
        let output = match rounding {
            // Runtimes give one window there, or none, or refuse it.
            Rounding::Floor if room < 0 => return Failure::unsupported(fact()),
            Rounding::Ceil if room <= -stride => return Failure::unsupported(fact()),
            Rounding::Floor => room / stride + 1,
            Rounding::Ceil => {
                let all = (room + stride - 1) / stride + 1;
                if (all - 1) * stride >= input + before { all - 1 } else { all }
            }
        };
        self.axis(i, input, (before, after), output)
    }

    fn axis(&self, i: usize, input: i64, pads: (i64, i64), output: i64) -> Result<Axis, Failure> {
        let size = |n: i64| match usize::try_from(n) {
            Ok(at) if n < 1 << 33 => Ok(at),
            _ => Err(Failure::TooLarge(format!("a window over {n} elements"))),
        };
        Ok(Axis {
            input: size(input)?,
            kernel: size(self.kernel[i])?,
            stride: size(self.strides[i])?,
            dilation: size(self.dilations[i])?,
            before: size(pads.0)?,
            after: size(pads.1)?,
            output: size(output)?,
        })
    }
}

/// Both halves; the second one is the larger one.
fn halves(total: i64) -> (i64, i64) {
    (total / 2, total - total / 2)
}

fn swap((a, b): (i64, i64)) -> (i64, i64) {
    (b, a)
}

impl Axis {
    /// The positions of window `at` that lie within the input, as a range of `0..kernel`.
    pub(in crate::eval) fn inside(&self, at: usize) -> std::ops::Range<usize> {
        let start = at * self.stride;
        let first = self.before.saturating_sub(start).div_ceil(self.dilation);
        let end = (self.input + self.before).saturating_sub(start).div_ceil(self.dilation);
        first.min(self.kernel)..end.clamp(first.min(self.kernel), self.kernel)
    }

    /// The element of the input at a position of window `at`, where it is inside.
    pub(in crate::eval) fn element(&self, at: usize, position: usize) -> usize {
        (at * self.stride + position * self.dilation).wrapping_sub(self.before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(kernel: i64, stride: i64, pads: [i64; 2], auto_pad: AutoPad) -> Window {
        let pads = pads.to_vec();
        Window { kernel: vec![kernel], strides: vec![stride], dilations: vec![1], pads, auto_pad }
    }

    fn over(window: &Window, input: i64, rounding: Rounding) -> (usize, usize, usize) {
        let axis = window.over(&[input], rounding).unwrap()[0];
        (axis.before, axis.after, axis.output)
    }

    #[test]
    fn an_odd_pad_goes_to_the_end_for_upper_and_to_the_beginning_for_lower() {
        assert_eq!(over(&window(3, 2, [0, 0], AutoPad::SameUpper), 224, Rounding::Floor), (0, 1, 112));
        assert_eq!(over(&window(3, 2, [0, 0], AutoPad::SameLower), 224, Rounding::Floor), (1, 0, 112));
    }

    #[test]
    fn a_stride_larger_than_the_window_needs_no_pads() {
        assert_eq!(over(&window(1, 3, [0, 0], AutoPad::SameUpper), 7, Rounding::Floor), (0, 0, 3));
        let further = window(1, 3, [0, 0], AutoPad::SameUpper).over(&[9], Rounding::Floor);
        assert!(matches!(further, Err(Failure::Unsupported(_))));
    }

    #[test]
    fn rounding_up_gives_a_window_that_passes_the_end() {
        let window = window(2, 2, [0, 0], AutoPad::NotSet);
        assert_eq!(over(&window, 5, Rounding::Floor), (0, 0, 2));
        let axis = window.over(&[5], Rounding::Ceil).unwrap()[0];
        assert_eq!((axis.output, axis.inside(2)), (3, 0..1));
    }

    #[test]
    fn no_window_begins_in_the_padding_behind_the_input() {
        let window = window(2, 4, [1, 1], AutoPad::NotSet);
        assert_eq!(over(&window, 7, Rounding::Ceil), (1, 1, 2));
    }

    #[test]
    fn a_window_larger_than_the_padded_input_is_an_error() {
        let window = window(5, 1, [1, 0], AutoPad::NotSet);
        assert!(matches!(window.over(&[3], Rounding::Floor), Err(Failure::Unsupported(_))));
        assert!(matches!(window.over(&[2], Rounding::Floor), Err(Failure::Invalid(_))));
        assert_eq!(window.over(&[4], Rounding::Floor).unwrap()[0].inside(0), 1..5);
    }
}
