//! Elements of convolutions.

use super::numbers::Numbers;
use super::sum::{Defined, Sum};
use crate::eval::call::Call;
use crate::eval::failure::{Computed, Failure};

/// What `Conv` and `ConvTranspose` have in common, with all attributes written out.
struct Geometry<'a> {
    x: Numbers<'a>,
    w: Numbers<'a>,
    dims: Vec<i64>,
    /// The spatial sizes of the input and of the kernel.
    input: Vec<usize>,
    kernel: Vec<usize>,
    strides: Vec<i64>,
    dilations: Vec<i64>,
    /// The padding before each spatial axis.
    before: Vec<i64>,
    /// Channels of the input, of the result, and groups.
    channels: usize,
    results: usize,
    groups: usize,
}

impl<'a> Geometry<'a> {
    fn of(call: &'a Call<'_>, transposed: bool) -> Computed<Self> {
        let (x, w) = (call.array(0)?, call.array(1)?);
        let rank = x.dims.len();
        if rank < 3 || w.dims.len() != rank {
            return Failure::invalid("the kernel has another rank than the image");
        }
        let spatial = rank - 2;
        let list = |name: &str, n: usize| match call.ints(name)? {
            Some(list) if list.len() == n => Ok(list),
            _ => Failure::invalid(format!("{name} is not written out")),
        };
        let (strides, dilations) = (list("strides", spatial)?, list("dilations", spatial)?);
        let pads = list("pads", 2 * spatial)?;
        let groups = call.int("group", 1)?.max(1);
        let results = if transposed { w.dims[1] * groups } else { w.dims[0] };
        let channels = if transposed { w.dims[0] } else { w.dims[1] * groups };
        if channels != x.dims[1] || results % groups != 0 {
            return Failure::invalid(format!("{} channels for a kernel of {channels}", x.dims[1]));
        }
        let mut dims = vec![x.dims[0], results];
        for axis in 0..spatial {
            let (size, kernel) = (x.dims[axis + 2], (w.dims[axis + 2] - 1) * dilations[axis] + 1);
            let padding = pads[axis] + pads[axis + spatial];
            dims.push(match transposed {
                true => {
                    let more = call.ints("output_padding")?.and_then(|list| list.get(axis).copied());
                    (size - 1) * strides[axis] + kernel - padding + more.unwrap_or(0)
                }
                false => (size + padding - kernel) / strides[axis].max(1) + 1,
            });
        }
        let sizes = |dims: &[i64]| dims[2..].iter().map(|&n| n as usize).collect();
        Ok(Geometry {
            x: Numbers::of(x)?,
            w: Numbers::of(w)?,
            dims,
            input: sizes(&x.dims),
            kernel: sizes(&w.dims),
            strides,
            dilations,
            before: pads[..spatial].to_vec(),
            channels: channels as usize,
            results: results as usize,
            groups: groups as usize,
        })
    }

    /// Image, channel and place of an element.
    fn place(&self, at: usize) -> (usize, usize, Vec<i64>) {
        let mut rest = at;
        let mut place = vec![0; self.kernel.len()];
        for (axis, &size) in self.dims[2..].iter().enumerate().rev() {
            place[axis] = (rest % size as usize) as i64;
            rest /= size as usize;
        }
        (rest / self.results, rest % self.results, place)
    }

    /// Calls `work` with each place of the kernel that meets the image: its position in the kernel
    /// and that in the image, both in row-major order.
    fn meets(&self, at: impl Fn(usize, i64) -> Option<i64>, mut work: impl FnMut(usize, usize)) {
        let size: usize = self.kernel.iter().product();
        for k in 0..size {
            let (mut rest, mut from, mut step) = (k, 0, 1);
            let inside = (0..self.kernel.len()).rev().all(|axis| {
                let own = (rest % self.kernel[axis]) as i64;
                rest /= self.kernel[axis];
                let found = at(axis, own).filter(|&i| i >= 0 && (i as usize) < self.input[axis]);
                from += found.unwrap_or(0) as usize * step;
                step *= self.input[axis];
                found.is_some()
            });
            if inside {
                work(k, from);
            }
        }
    }
}

/// `Conv`, without bias.
pub(super) struct Convolution<'a>(Geometry<'a>);

impl<'a> Convolution<'a> {
    pub(super) fn of(call: &'a Call<'_>) -> Computed<Self> {
        Geometry::of(call, false).map(Convolution)
    }
}

impl Defined for Convolution<'_> {
    fn dims(&self) -> &[i64] {
        &self.0.dims
    }

    fn element(&self, at: usize) -> Sum {
        let g = &self.0;
        let (image, result, place) = g.place(at);
        let (per_group, kernel) = (g.channels / g.groups, g.kernel.iter().product::<usize>());
        let group = result / (g.results / g.groups);
        let area: usize = g.input.iter().product();
        let mut sum = Sum::default();
        let at = |axis: usize, k: i64| {
            Some(place[axis] * g.strides[axis] - g.before[axis] + k * g.dilations[axis])
        };
        g.meets(at, |k, from| {
            for c in 0..per_group {
                let x = (image * g.channels + group * per_group + c) * area + from;
                sum.add(g.x.at(x), g.w.at((result * per_group + c) * kernel + k));
            }
        });
        sum
    }
}

/// `ConvTranspose`, without bias.
pub(super) struct Transposed<'a>(Geometry<'a>);

impl<'a> Transposed<'a> {
    pub(super) fn of(call: &'a Call<'_>) -> Computed<Self> {
        Geometry::of(call, true).map(Transposed)
    }
}

impl Defined for Transposed<'_> {
    fn dims(&self) -> &[i64] {
        &self.0.dims
    }

    fn element(&self, at: usize) -> Sum {
        let g = &self.0;
        let (image, result, place) = g.place(at);
        let (per_group, own) = (g.channels / g.groups, g.results / g.groups);
        let (group, inside) = (result / own, result % own);
        let (kernel, area) = (g.kernel.iter().product::<usize>(), g.input.iter().product::<usize>());
        let mut sum = Sum::default();
        let at = |axis: usize, k: i64| {
            let far = place[axis] + g.before[axis] - k * g.dilations[axis];
            (far % g.strides[axis] == 0).then(|| far / g.strides[axis])
        };
        g.meets(at, |k, from| {
            for c in group * per_group..(group + 1) * per_group {
                sum.add(
                    g.x.at((image * g.channels + c) * area + from),
                    g.w.at((c * own + inside) * kernel + k),
                );
            }
        });
        sum
    }
}
