//! Numbers of eight bits and fewer: small floats, and integers of half and quarter bytes.
//!
//! Each type is the table of what its codes stand for. Codes of less than a byte are packed from
//! the low bits up.

use crate::eval::Failure;
use crate::eval::elements::{count, filled, room};
use crate::files::arrays::Array;
use crate::model::DType;

/// How a number becomes the nearest one of a small type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::eval) enum Overflow {
    /// What is too large becomes the largest number.
    Saturate,
    /// What is too large becomes an infinity, or NaN.
    Special,
}

/// How a number becomes a power of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::eval) enum Towards {
    Up,
    Down,
    Nearest,
}

/// Whether a type is one of those here.
pub(in crate::eval) fn is_small(dtype: DType) -> bool {
    layout(dtype).is_some() || dtype == DType::F8E8M0 || whole(dtype).is_some()
}

/// The bits of the exponent and the mantissa, and what is taken off the exponent.
fn layout(dtype: DType) -> Option<(u32, u32, i32)> {
    Some(match dtype {
        DType::F8E4M3FN => (4, 3, 7),
        DType::F8E4M3FNUZ => (4, 3, 8),
        DType::F8E5M2 => (5, 2, 15),
        DType::F8E5M2FNUZ => (5, 2, 16),
        DType::F4E2M1 => (2, 1, 1),
        _ => return None,
    })
}

/// The least and the greatest integer.
pub(in crate::eval) fn whole(dtype: DType) -> Option<(i64, i64)> {
    Some(match dtype {
        DType::I4 => (-8, 7),
        DType::U4 => (0, 15),
        DType::I2 => (-2, 1),
        DType::U2 => (0, 3),
        _ => return None,
    })
}

/// The only sign of zero and NaN is plus.
fn unsigned_zero(dtype: DType) -> bool {
    matches!(dtype, DType::F8E4M3FNUZ | DType::F8E5M2FNUZ)
}

/// What a code stands for.
fn meaning(dtype: DType, code: u8) -> f32 {
    if let Some((least, greatest)) = whole(dtype) {
        let code = i64::from(code);
        return (if code > greatest { code + 2 * least } else { code }) as f32;
    }
    let Some((exponent_bits, mantissa_bits, bias)) = layout(dtype) else {
        // 2^-127 is below the least normal f32.
        return if code == 255 { f32::NAN } else { libm::ldexpf(1.0, i32::from(code) - 127) };
    };
    let sign = if code >> (exponent_bits + mantissa_bits) & 1 == 1 { -1.0 } else { 1.0 };
    let mantissa = code & ((1 << mantissa_bits) - 1);
    let exponent = code >> mantissa_bits & ((1 << exponent_bits) - 1);
    match dtype {
        DType::F8E4M3FN if code & 0x7f == 0x7f => return f32::NAN,
        DType::F8E4M3FNUZ | DType::F8E5M2FNUZ if code == 0x80 => return f32::NAN,
        DType::F8E5M2 if exponent == 31 => {
            return if mantissa == 0 { sign * f32::INFINITY } else { f32::NAN };
        }
        _ => {}
    }
    let leading = if exponent == 0 { 0.0 } else { f32::from(1u8 << mantissa_bits) };
    let scale = i32::from(exponent.max(1)) - bias - mantissa_bits as i32;
    sign * libm::ldexpf(leading + f32::from(mantissa), scale)
}

fn bits(dtype: DType) -> usize {
    dtype.bits().map_or(8, |bits| bits as usize).clamp(1, 8)
}

/// The codes of an array, one byte each.
pub(in crate::eval) fn codes(array: &Array) -> Result<Vec<u8>, Failure> {
    let (n, bits) = (count(&array.dims)?, bits(array.dtype));
    let each = 8 / bits;
    if array.content.len() != n.div_ceil(each) {
        return Failure::invalid("a content is not as long as its shape says");
    }
    let mask = (0xffu16 >> (8 - bits)) as u8;
    let mut out = room(n)?;
    out.extend((0..n).map(|at| array.content[at / each] >> (at % each * bits) & mask));
    Ok(out)
}

/// The array of these codes.
pub(in crate::eval) fn packed(dtype: DType, dims: Vec<i64>, codes: &[u8]) -> Result<Array, Failure> {
    let bits = bits(dtype);
    let each = 8 / bits;
    let mask = (0xffu16 >> (8 - bits)) as u8;
    let mut content = filled(codes.len().div_ceil(each), 0u8)?;
    for (at, code) in codes.iter().enumerate() {
        content[at / each] |= (code & mask) << (at % each * bits);
    }
    Ok(Array { dtype, dims, content: content.into() })
}

/// The numbers of an array of a small type.
pub(in crate::eval) fn numbers(array: &Array) -> Result<Vec<f32>, Failure> {
    let table: Vec<f32> = (0..=255).map(|code| meaning(array.dtype, code)).collect();
    let codes = codes(array)?;
    let mut out = room(codes.len())?;
    out.extend(codes.iter().map(|&code| table[usize::from(code)]));
    Ok(out)
}

/// What makes codes of numbers.
pub(in crate::eval) struct Encoder {
    dtype: DType,
    overflow: Overflow,
    towards: Towards,
    /// The numbers from zero up to the largest one, by their codes.
    numbers: Vec<f32>,
}

impl Encoder {
    /// For a float type.
    pub(in crate::eval) fn new(dtype: DType, overflow: Overflow, towards: Towards) -> Self {
        let positive = if dtype == DType::F8E8M0 { 255 } else { 1 << (bits(dtype) - 1) };
        let numbers = (0..positive).map(|code| meaning(dtype, code as u8)).take_while(|x| x.is_finite());
        Encoder { dtype, overflow, towards, numbers: numbers.collect() }
    }

    /// The code of a number; `None` if the specification leaves it open.
    pub(in crate::eval) fn code(&self, x: f32) -> Option<u8> {
        if self.dtype == DType::F8E8M0 {
            return self.power(x);
        }
        let sign = if x.is_sign_negative() { 1u8 << (bits(self.dtype) - 1) } else { 0 };
        if x.is_nan() {
            return self.not_a_number(sign);
        }
        match self.nearest(x.abs()) {
            Some(0) if unsigned_zero(self.dtype) => Some(0),
            Some(code) => Some(code | sign),
            None if self.overflow == Overflow::Saturate || self.dtype == DType::F4E2M1 => {
                Some((self.numbers.len() - 1) as u8 | sign)
            }
            None if self.dtype == DType::F8E5M2 => Some(0x7c | sign),
            None => self.not_a_number(sign),
        }
    }

    fn not_a_number(&self, sign: u8) -> Option<u8> {
        match self.dtype {
            DType::F8E4M3FN => Some(0x7f | sign),
            DType::F8E5M2 => Some(0x7e | sign),
            DType::F8E4M3FNUZ | DType::F8E5M2FNUZ => Some(0x80),
            _ => None,
        }
    }

    /// The code of the nearest number, the even one of two; `None` above all.
    fn nearest(&self, x: f32) -> Option<u8> {
        let above = self.numbers.partition_point(|&own| own < x);
        let last = self.numbers.len() - 1;
        if above > last {
            let half = (self.numbers[last] - self.numbers[last - 1]) / 2.0;
            let over = x - self.numbers[last];
            return (over < half || (over == half && last.is_multiple_of(2))).then_some(last as u8);
        }
        if above == 0 {
            return Some(0);
        }
        let (up, down) = (self.numbers[above] - x, x - self.numbers[above - 1]);
        let down_wins = down < up || (down == up && above % 2 == 1);
        Some((above - usize::from(down_wins)) as u8)
    }

    /// The code of a power of two.
    fn power(&self, x: f32) -> Option<u8> {
        if x.is_nan() {
            return Some(255);
        }
        if x < 0.0 || (x == 0.0 && x.is_sign_negative()) {
            return None;
        }
        let above = self.numbers.partition_point(|&own| own < x);
        let last = self.numbers.len() - 1;
        if above > last || x < self.numbers[0] {
            let end = if above == 0 { 0 } else { last as u8 };
            return Some(if self.overflow == Overflow::Saturate { end } else { 255 });
        }
        if self.numbers[above] == x {
            return Some(above as u8);
        }
        let down = match self.towards {
            Towards::Up => false,
            Towards::Down => true,
            Towards::Nearest => x - self.numbers[above - 1] < self.numbers[above] - x,
        };
        Some((above - usize::from(down)) as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_a_float_is_the_code_of_its_number() {
        for dtype in [DType::F8E4M3FN, DType::F8E4M3FNUZ, DType::F8E5M2, DType::F8E5M2FNUZ, DType::F4E2M1] {
            let encoder = Encoder::new(dtype, Overflow::Special, Towards::Nearest);
            for code in 0..1u32 << bits(dtype) {
                let x = meaning(dtype, code as u8);
                if !x.is_nan() {
                    assert_eq!(encoder.code(x), Some(code as u8), "{dtype} {code} {x}");
                }
            }
        }
    }

    #[test]
    fn a_tie_goes_to_the_even_code_and_what_is_too_large_to_the_largest() {
        let encoder = Encoder::new(DType::F8E4M3FN, Overflow::Saturate, Towards::Nearest);
        assert_eq!(encoder.code(17.0), encoder.code(16.0));
        assert_eq!(encoder.code(19.0), encoder.code(20.0));
        assert_eq!(encoder.code(1e9), encoder.code(448.0));
        let encoder = Encoder::new(DType::F8E5M2, Overflow::Special, Towards::Nearest);
        assert_eq!(encoder.code(1e9), Some(0x7c));
    }

    #[test]
    fn half_bytes_are_packed_from_the_low_bits_up() {
        let array = packed(DType::I4, vec![3], &[1, 0xf, 0x8]).unwrap();
        assert_eq!(array.content.as_ref(), [0xf1, 0x08]);
        assert_eq!(numbers(&array).unwrap(), [1.0, -1.0, -8.0]);
    }
}
