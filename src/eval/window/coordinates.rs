//! Where elements of a resized tensor lie in the original one.
//!
//! The specification gives formulas without saying how they are rounded, nor whether the length
//! in them is the one that a scale gives or the whole number of elements. Each coordinate is
//! computed in both ways that are in use: [`Along::rough`] (32 bits, whole lengths) and
//! [`Along::fine`] (64 bits, lengths as given). Where a result would depend on which, there is
//! none.

use crate::eval::Failure;

/// The attribute `coordinate_transformation_mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transform {
    AlignCorners,
    Asymmetric,
    HalfPixel,
    HalfPixelSymmetric,
    PytorchHalfPixel,
    TfCropAndResize,
    TfHalfPixelForNn,
}

/// The attribute `nearest_mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nearest {
    Ceil,
    Floor,
    RoundPreferCeil,
    RoundPreferFloor,
    /// Before operator set 11 nothing was said: down where it grows; where it shrinks, runtimes
    /// differ.
    Unsaid,
}

/// How one axis is resized.
#[derive(Clone, Copy, Debug)]
pub(super) struct Along {
    /// Which one.
    pub(super) axis: usize,
    /// The number of elements before.
    pub(super) input: usize,
    /// The number of elements after.
    pub(super) output: usize,
    /// The length after, before it was made a whole number.
    pub(super) width: f64,
    /// The scale in 64 bits.
    pub(super) fine: f64,
    /// The scale in 32 bits.
    pub(super) rough: f32,
    /// The part of the axis that is resized: beginning and end.
    pub(super) part: (f64, f64),
}

impl Along {
    /// Whether nothing changes.
    pub(super) fn is_identity(&self, transform: Transform) -> bool {
        let whole = transform != Transform::TfCropAndResize || self.part == (0.0, 1.0);
        self.input == self.output && self.fine == 1.0 && whole
    }

    /// The coordinate of element `at`, or `None` where it is outside and another value is to
    /// stand for it.
    pub(super) fn coordinate(&self, at: usize, transform: Transform) -> Result<Option<f64>, Failure> {
        let (fine, rough) = (self.fine(at as f64, transform), self.rough(at as f32, transform));
        if !fine.is_finite() || !rough.is_finite() {
            return Failure::unsupported("a coordinate that is not finite");
        }
        let last = self.input as f64 - 1.0;
        if transform == Transform::TfCropAndResize {
            let outside = |x: f64| x < 0.0 || x > last;
            match (outside(fine), outside(f64::from(rough))) {
                (true, true) => return Ok(None),
                (false, false) => {}
                _ => return differ(),
            }
        }
        let tolerance = 1e-5 * (self.input as f64 + 1.0);
        match (fine - f64::from(rough)).abs() <= tolerance {
            true => Ok(Some(fine)),
            false => differ(),
        }
    }

    /// The nearest element of the original to element `at`, or `None` as for `coordinate`.
    pub(super) fn nearest(
        &self,
        at: usize,
        transform: Transform,
        mode: Nearest,
    ) -> Result<Option<usize>, Failure> {
        let rough = f64::from(self.rough(at as f32, transform));
        let fine = self.fine(at as f64, transform);
        let last = self.input as f64 - 1.0;
        let element = |x: f64, mode: Nearest| -> f64 {
            let nearest = match mode {
                Nearest::Ceil => x.ceil(),
                Nearest::Floor | Nearest::Unsaid => x.floor(),
                Nearest::RoundPreferCeil => (x + 0.5).floor(),
                Nearest::RoundPreferFloor => (x - 0.5).ceil(),
            };
            nearest.clamp(0.0, last)
        };
        if transform == Transform::TfCropAndResize && self.coordinate(at, transform)?.is_none() {
            return Ok(None);
        }
        let other = if mode == Nearest::Unsaid && self.fine < 1.0 { Nearest::Ceil } else { mode };
        let (own, theirs) = (element(fine, mode), element(rough, other));
        match own == theirs {
            true => Ok(Some(own as usize)),
            false => differ(),
        }
    }

    /// In 64 bits, with the length as given.
    fn fine(&self, x: f64, transform: Transform) -> f64 {
        let (input, width, scale) = (self.input as f64, self.width, self.fine);
        match transform {
            Transform::AlignCorners if width == 1.0 => 0.0,
            Transform::AlignCorners => x * (input - 1.0) / (width - 1.0),
            Transform::Asymmetric => x / scale,
            Transform::HalfPixel => (x + 0.5) / scale - 0.5,
            Transform::HalfPixelSymmetric => {
                let adjustment = self.output as f64 / width;
                input / 2.0 * (1.0 - adjustment) + (x + 0.5) / scale - 0.5
            }
            Transform::PytorchHalfPixel if width == 1.0 => -0.5,
            Transform::PytorchHalfPixel => (x + 0.5) / scale - 0.5,
            Transform::TfCropAndResize => {
                let (start, end) = self.part;
                let begin = start * (input - 1.0);
                match width == 1.0 {
                    true => (end - start) * (input - 1.0) / 2.0 + begin,
                    false => x * (end - start) * (input - 1.0) / (width - 1.0) + begin,
                }
            }
            Transform::TfHalfPixelForNn => (x + 0.5) / scale,
        }
    }

    /// In 32 bits, with whole lengths.
    fn rough(&self, x: f32, transform: Transform) -> f32 {
        let (input, output, scale) = (self.input as f32, self.output as f32, self.rough);
        match transform {
            Transform::AlignCorners if output == 1.0 => 0.0,
            Transform::AlignCorners => x * (input - 1.0) / (output - 1.0),
            Transform::Asymmetric => x / scale,
            Transform::HalfPixel => (x + 0.5) / scale - 0.5,
            Transform::HalfPixelSymmetric => {
                let adjustment = output / (scale * input);
                input / 2.0 * (1.0 - adjustment) + (x + 0.5) / scale - 0.5
            }
            Transform::PytorchHalfPixel if output <= 1.0 => 0.0,
            Transform::PytorchHalfPixel => (x + 0.5) / scale - 0.5,
            Transform::TfCropAndResize => {
                let (start, end) = (self.part.0 as f32, self.part.1 as f32);
                match output > 1.0 {
                    true => start * (input - 1.0) + (x * (end - start) * (input - 1.0)) / (output - 1.0),
                    false => 0.5 * (start + end) * (input - 1.0),
                }
            }
            Transform::TfHalfPixelForNn => (x + 0.5) / scale,
        }
    }
}

fn differ<T>() -> Result<T, Failure> {
    Failure::unsupported("a coordinate of a resized axis differs between runtimes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn along(input: usize, output: usize, scale: f32) -> Along {
        let fine = f64::from(scale);
        Along { axis: 0, input, output, width: fine * input as f64, fine, rough: scale, part: (0.0, 1.0) }
    }

    #[test]
    fn halves_go_to_the_side_that_the_mode_prefers() {
        let along = along(4, 2, 0.5);
        let nearest = |mode| along.nearest(0, Transform::HalfPixel, mode);
        assert_eq!(nearest(Nearest::RoundPreferFloor), Ok(Some(0)));
        assert_eq!(nearest(Nearest::RoundPreferCeil), Ok(Some(1)));
    }

    #[test]
    fn a_length_that_is_no_whole_number_is_told_where_it_matters() {
        let along = along(4, 2, 0.6);
        assert!(matches!(along.coordinate(1, Transform::AlignCorners), Err(Failure::Unsupported(_))));
        assert!(along.coordinate(1, Transform::HalfPixel).is_ok());
    }

    #[test]
    fn an_element_outside_of_a_crop_has_no_coordinate() {
        let along = Along { part: (0.0, 2.0), ..along(4, 4, 1.0) };
        assert_eq!(along.coordinate(3, Transform::TfCropAndResize), Ok(None));
        assert_eq!(along.coordinate(1, Transform::TfCropAndResize), Ok(Some(2.0)));
    }
}
