//! What is computed element by element.

mod activation;
mod arithmetic;
pub(in crate::eval) mod broadcast;
mod cast;
mod logic;
pub(in crate::eval) mod math;
pub(in crate::eval) mod number;
pub(in crate::eval) mod small;
mod unary;
mod variadic;

pub(in crate::eval) use activation::{gelu_by_tanh, gelu_of, sigmoid_of, swish_of};
pub(in crate::eval) use variadic::Ordered;

use crate::eval::definition::Table;

/// The definitions of this folder.
pub(super) const TABLE: Table = &[
    ("", "Abs", unary::abs),
    ("", "Acos", unary::acos),
    ("", "Acosh", unary::acosh),
    ("", "Add", arithmetic::add),
    ("", "And", logic::and),
    ("", "Asin", unary::asin),
    ("", "Asinh", unary::asinh),
    ("", "Atan", unary::atan),
    ("", "Atanh", unary::atanh),
    ("", "BitCast", cast::bit_cast),
    ("", "BitShift", arithmetic::bit_shift),
    ("", "BitwiseAnd", arithmetic::bitwise_and),
    ("", "BitwiseNot", unary::bitwise_not),
    ("", "BitwiseOr", arithmetic::bitwise_or),
    ("", "BitwiseXor", arithmetic::bitwise_xor),
    ("", "Cast", cast::cast),
    ("", "CastLike", cast::cast_like),
    ("", "Ceil", unary::ceil),
    ("", "Celu", activation::celu),
    ("", "Clip", variadic::clip),
    ("", "Cos", unary::cos),
    ("", "Cosh", unary::cosh),
    ("", "Div", arithmetic::div),
    ("", "Dropout", activation::dropout),
    ("", "Elu", activation::elu),
    ("", "Equal", logic::equal),
    ("", "Erf", unary::erf),
    ("", "Exp", unary::exp),
    ("", "Floor", unary::floor),
    ("", "Gelu", activation::gelu),
    ("", "Greater", logic::greater),
    ("", "GreaterOrEqual", logic::greater_or_equal),
    ("", "HardSigmoid", activation::hard_sigmoid),
    ("", "HardSwish", activation::hard_swish),
    ("", "IsInf", unary::is_inf),
    ("", "IsNaN", unary::is_nan),
    ("", "LeakyRelu", activation::leaky_relu),
    ("", "Less", logic::less),
    ("", "LessOrEqual", logic::less_or_equal),
    ("", "Log", unary::log),
    ("", "Max", variadic::max),
    ("", "Mean", variadic::mean),
    ("", "Min", variadic::min),
    ("", "Mish", activation::mish),
    ("", "Mod", arithmetic::modulo),
    ("", "Mul", arithmetic::mul),
    ("", "Neg", unary::neg),
    ("", "Not", unary::not),
    ("", "Or", logic::or),
    ("", "PRelu", arithmetic::prelu),
    ("", "Pow", arithmetic::pow),
    ("", "Reciprocal", unary::reciprocal),
    ("", "Relu", activation::relu),
    ("", "Round", unary::round),
    ("", "Selu", activation::selu),
    ("", "Shrink", activation::shrink),
    ("", "Sigmoid", activation::sigmoid),
    ("", "Sign", unary::sign),
    ("", "Sin", unary::sin),
    ("", "Sinh", unary::sinh),
    ("", "Softplus", activation::softplus),
    ("", "Softsign", activation::softsign),
    ("", "Sqrt", unary::sqrt),
    ("", "Sub", arithmetic::sub),
    ("", "Sum", variadic::sum),
    ("", "SwiGLU", activation::swiglu),
    ("", "Swish", activation::swish),
    ("", "Tan", unary::tan),
    ("", "Tanh", unary::tanh),
    ("", "ThresholdedRelu", activation::thresholded_relu),
    ("", "Where", logic::choose),
    ("", "Xor", logic::xor),
];
