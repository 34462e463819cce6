//! NaN, infinities and subnormal numbers, and where they come from.

use crate::eval::elements::{Element, view};
use crate::eval::value::Value;
use crate::files::arrays::Array;
use crate::model::DType;
use crate::text::printable;
use half::{bf16, f16};

/// What a number can be that numbers of networks should not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Oddity {
    /// Not a number.
    Nan,
    /// Infinite.
    Infinite,
    /// So small that it has lost precision.
    Subnormal,
}

impl Oddity {
    /// The word for messages.
    pub fn word(self) -> &'static str {
        match self {
            Oddity::Nan => "NaN",
            Oddity::Infinite => "infinite",
            Oddity::Subnormal => "subnormal",
        }
    }

    /// The oddity that [`Oddity::word`] names.
    pub fn from_word(word: &str) -> Option<Oddity> {
        [Oddity::Nan, Oddity::Infinite, Oddity::Subnormal].into_iter().find(|oddity| oddity.word() == word)
    }
}

/// Where an oddity first appears.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sighting {
    /// What.
    pub oddity: Oddity,
    /// The value.
    pub value: String,
    /// The operator that gives it; nothing for a stored constant or an input.
    pub op: Option<String>,
}

impl Sighting {
    /// A sighting.
    pub fn new(oddity: Oddity, value: impl Into<String>, op: Option<String>) -> Self {
        Sighting { oddity, value: value.into(), op }
    }
}

impl std::fmt::Display for Sighting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (what, value) = (self.oddity.word(), printable(&self.value));
        match &self.op {
            Some(op) => write!(f, "{what} first in `{value}`, which {} gives", printable(op)),
            None => write!(f, "{what} in `{value}`"),
        }
    }
}

/// The oddities of a value's numbers.
pub(super) fn oddities(value: &Value) -> Vec<Oddity> {
    let Value::Array(array) = value else { return Vec::new() };
    let found = match array.dtype {
        DType::F32 => scan::<f32>(array, |x| (x.is_nan(), x.is_infinite(), x.is_subnormal())),
        DType::F64 => scan::<f64>(array, |x| (x.is_nan(), x.is_infinite(), x.is_subnormal())),
        DType::F16 => scan::<f16>(array, |x| {
            (x.is_nan(), x.is_infinite(), x.classify() == core::num::FpCategory::Subnormal)
        }),
        DType::BF16 => scan::<bf16>(array, |x| {
            (x.is_nan(), x.is_infinite(), x.classify() == core::num::FpCategory::Subnormal)
        }),
        _ => (false, false, false),
    };
    let all = [(found.0, Oddity::Nan), (found.1, Oddity::Infinite), (found.2, Oddity::Subnormal)];
    all.into_iter().filter(|(there, _)| *there).map(|(_, oddity)| oddity).collect()
}

fn scan<T: Element>(array: &Array, of: impl Fn(&T) -> (bool, bool, bool)) -> (bool, bool, bool) {
    let Ok(elements) = view::<T>(array) else { return (false, false, false) };
    elements.iter().fold((false, false, false), |seen, x| {
        let (nan, infinite, subnormal) = of(x);
        (seen.0 | nan, seen.1 | infinite, seen.2 | subnormal)
    })
}
