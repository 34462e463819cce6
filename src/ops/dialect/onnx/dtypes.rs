//! The numbers that ONNX gives to element types (`TensorProto.DataType`).

use crate::model::{AttributeValue, DType};

/// The element types by their numbers.
const TYPES: [DType; 29] = [
    DType::Undefined,
    DType::F32,
    DType::U8,
    DType::I8,
    DType::U16,
    DType::I16,
    DType::I32,
    DType::I64,
    DType::String,
    DType::Bool,
    DType::F16,
    DType::F64,
    DType::U32,
    DType::U64,
    DType::C64,
    DType::C128,
    DType::BF16,
    DType::F8E4M3FN,
    DType::F8E4M3FNUZ,
    DType::F8E5M2,
    DType::F8E5M2FNUZ,
    DType::U4,
    DType::I4,
    DType::F4E2M1,
    DType::F8E8M0,
    DType::U2,
    DType::I2,
    DType::F6E2M3,
    DType::F6E3M2,
];

/// The element type of a number.
pub(crate) fn onnx_dtype(number: i32) -> DType {
    let known = usize::try_from(number).ok().and_then(|at| TYPES.get(at));
    known.copied().unwrap_or(DType::Other(number))
}

/// The number of an element type.
pub(crate) fn onnx_dtype_number(ty: DType) -> i32 {
    match ty {
        DType::Other(number) => number,
        known => TYPES.iter().position(|&ty| ty == known).map_or(0, |at| at as i32),
    }
}

/// `TensorProto.DataType`, where an attribute holds one.
pub(super) fn dtype(name: &str, value: &AttributeValue) -> Option<DType> {
    let AttributeValue::Int(number) = value else { return None };
    if !matches!(name, "to" | "dtype" | "output_dtype" | "stash_type" | "softmax_precision") {
        return None;
    }
    let ty = onnx_dtype(i32::try_from(*number).ok()?);
    (!matches!(ty, DType::Undefined | DType::Other(_))).then_some(ty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_that_of_its_type() {
        assert_eq!(onnx_dtype(1), DType::F32);
        assert_eq!(onnx_dtype(28), DType::F6E3M2);
        for number in [-1, 29, 1000] {
            assert_eq!(onnx_dtype(number), DType::Other(number));
        }
        for number in -1..40 {
            assert_eq!(onnx_dtype_number(onnx_dtype(number)), number);
        }
    }
}
