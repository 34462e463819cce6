//! Which constants are parameters: what training found, and what people count.

use super::Category;
use crate::model::DType;

/// Whether a constant in the slot `slot` of an operator of `category` is a
/// parameter (a weight), and not a number that belongs to the architecture.
///
/// A scalar never is; a list of floats is where operators take weights, but not
/// where they take scales or sizes; integers are where they are quantized weights.
pub(crate) fn is_parameter(category: Category, slot: &str, dtype: DType, dims: &[i64]) -> bool {
    if dims.is_empty() {
        return false;
    }
    let weighty = matches!(
        category,
        Category::Layer | Category::Normalization | Category::Attention | Category::Quantization
    );
    let many = dims.iter().any(|&n| n != 1);
    match dtype {
        DType::F32 | DType::F64 | DType::F16 | DType::BF16 => match category {
            _ if weighty => true,
            Category::Activation | Category::Elementwise => many,
            // An embedding, a class token; but not the scales of a resize.
            _ => many && dims.len() >= 2,
        },
        DType::F8E4M3FN | DType::F8E4M3FNUZ | DType::F8E5M2 | DType::F8E5M2FNUZ | DType::F4E2M1 => many,
        DType::I8 | DType::U8 | DType::I4 | DType::U4 | DType::I2 | DType::U2 => {
            weighty && many && !slot.contains("zero_point")
        }
        // A bias that was quantized with its weights.
        DType::I32 => matches!(category, Category::Layer | Category::Quantization) && many,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_parameters_and_sizes_are_not() {
        assert!(is_parameter(Category::Layer, "W", DType::F32, &[64, 3, 7, 7]));
        assert!(is_parameter(Category::Normalization, "scale", DType::F32, &[1]));
        assert!(is_parameter(Category::Shape, "data", DType::F32, &[1000, 64]));
        assert!(is_parameter(Category::Layer, "B", DType::U8, &[64, 64]));
        assert!(!is_parameter(Category::Elementwise, "B", DType::F32, &[]));
        assert!(!is_parameter(Category::Shape, "scales", DType::F32, &[4]));
        assert!(!is_parameter(Category::Shape, "shape", DType::I64, &[3]));
        assert!(!is_parameter(Category::Quantization, "x_zero_point", DType::I8, &[64]));
    }
}
