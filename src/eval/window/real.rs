//! Floats as 64-bit ones: what is summed is summed there, and rounded once.

use half::{bf16, f16};

use crate::eval::elements::Element;

/// An element type of floats.
pub(in crate::eval) trait Real: Element {
    /// The same number.
    fn wide(self) -> f64;

    /// The nearest number of this type.
    fn near(wide: f64) -> Self;
}

impl Real for f64 {
    fn wide(self) -> f64 {
        self
    }

    fn near(wide: f64) -> Self {
        wide
    }
}

impl Real for f32 {
    fn wide(self) -> f64 {
        f64::from(self)
    }

    fn near(wide: f64) -> Self {
        wide as f32
    }
}

impl Real for f16 {
    fn wide(self) -> f64 {
        f64::from(self)
    }

    fn near(wide: f64) -> Self {
        f16::from_f64(wide)
    }
}

impl Real for bf16 {
    fn wide(self) -> f64 {
        f64::from(self)
    }

    fn near(wide: f64) -> Self {
        bf16::from_f64(wide)
    }
}
