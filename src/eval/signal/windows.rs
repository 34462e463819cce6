//! Windows of time: `HannWindow`, `HammingWindow`, `BlackmanWindow`.
//!
//! Each is a sum of cosines, a - b cos(x) + c cos(2x). Whole numbers of it depend on the last
//! bit, so only floats have a definition.

use crate::eval::elements::{count, of, room};
use crate::eval::wide::Float;
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;

/// `HannWindow`.
pub(super) fn hann(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    window(call, [0.5, 0.5, 0.0])
}

/// `HammingWindow`.
pub(super) fn hamming(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    window(call, [25.0 / 46.0, 21.0 / 46.0, 0.0])
}

/// `BlackmanWindow`.
pub(super) fn blackman(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    window(call, [0.42, 0.5, 0.08])
}

fn window(call: &Call<'_>, [a, b, c]: [f64; 3]) -> Result<Vec<Value>, Failure> {
    let Some(size) = call.int_at(0)? else { return Failure::invalid("the operand size is missing") };
    let periods = match call.int("periodic", 1)? {
        0 => size.saturating_sub(1),
        1 => size,
        other => return Failure::invalid(format!("periodic is {other}")),
    };
    let total = count(&[size])?;
    if total > 0 && periods == 0 {
        return Failure::unsupported("a symmetric window of one element differs between runtimes");
    }
    let mut list = room(total)?;
    list.extend((0..total).map(|n| {
        let x = std::f64::consts::TAU * n as f64 / periods as f64;
        a - b * libm::cos(x) + c * libm::cos(2.0 * x)
    }));
    Ok(vec![stored(call, vec![size], &list)?.into()])
}

/// Numbers in the element type of the attribute `output_datatype`.
pub(super) fn stored(call: &Call<'_>, dims: Vec<i64>, list: &[f64]) -> Result<Array, Failure> {
    fn of_type<T: Float>(dims: Vec<i64>, list: &[f64]) -> Result<Array, Failure> {
        let mut elements = room(list.len())?;
        elements.extend(list.iter().map(|&x| T::narrow(x)));
        Ok(of(dims, elements))
    }
    // The numbers of ONNX's data types.
    match call.int("output_datatype", 1)? {
        1 => of_type::<f32>(dims, list),
        10 => of_type::<half::f16>(dims, list),
        11 => of_type::<f64>(dims, list),
        16 => of_type::<half::bf16>(dims, list),
        // A window's middle is 1, or a little less: towards zero that is 1 or 0.
        other => Failure::unsupported(format!("output_datatype is {other}")),
    }
}
